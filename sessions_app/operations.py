"""Migration operations that are safe while others write to a full table."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

logger = logging.getLogger(__name__)
OPCLASS = "gin_trgm_ops"


class AddIndexOnline(AddIndex):
    """An index that PostgreSQL builds concurrently, as MariaDB does by itself. Building begins anew where it was once
    interrupted. The migration must not be atomic.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            if schema_editor.connection.vendor == "postgresql":
                _drop(schema_editor, self.index.name)
            schema_editor.add_index(model, self.index, **_concurrently(schema_editor))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, **_concurrently(schema_editor))


class RemoveIndexOnline(RemoveIndex):
    """An index that goes without anybody waiting for it, and comes back online: ``AddIndexOnline`` the other way."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._adding(app_label, from_state).database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self._adding(app_label, to_state).database_forwards(app_label, schema_editor, from_state, to_state)

    def _adding(self, app_label: str, state: ProjectState) -> AddIndexOnline:
        index = state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        return AddIndexOnline(self.model_name, index)


class CreateTrigrams(Operation):
    """PostgreSQL's extension pg_trgm, which indexes the pieces of texts. Where it is refused, the log says so."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models do not know of it."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql" or not self.allow_migrate_model(
            schema_editor.connection.alias, to_state.apps.get_model(app_label, "message")
        ):
            return
        try:
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError as error:
            logger.warning("Searches stay slow without PostgreSQL's extension pg_trgm: %s", error)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """It stays, since others may use it by now."""

    def describe(self) -> str:
        return "Create the extension pg_trgm where the database is PostgreSQL"


class AddSearchIndex(Operation):
    """An index that PostgreSQL alone has: ``definition`` is SQL, and may name the operator class of trigrams.

    Without that class no index is made (see ``checks``). Building begins anew where it was once interrupted. The
    migration must not be atomic.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, name: str, definition: str) -> None:
        self.model_name = model_name
        self.name = name
        self.definition = definition

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models do not know of it: they serve other databases, too."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if self._is_meant(schema_editor, model) and (schema_editor.collect_sql or _has_trigrams(schema_editor)):
            table = schema_editor.quote_name(model._meta.db_table)
            _drop(schema_editor, self.name)
            schema_editor.execute(f"CREATE INDEX CONCURRENTLY {self.name} ON {table} {self.definition}")
            schema_editor.execute(f"ANALYZE {table}")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if self._is_meant(schema_editor, from_state.apps.get_model(app_label, self.model_name)):
            _drop(schema_editor, self.name)

    def describe(self) -> str:
        return f"Create search index {self.name} on model {self.model_name} where the database is PostgreSQL"

    def _is_meant(self, schema_editor: BaseDatabaseSchemaEditor, model: Any) -> bool:
        connection = schema_editor.connection
        return connection.vendor == "postgresql" and self.allow_migrate_model(connection.alias, model)


def _has_trigrams(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_opclass WHERE opcname = %s AND pg_opclass_is_visible(oid))", [OPCLASS]
        )
        return bool(cursor.fetchone()[0])


def _drop(schema_editor: BaseDatabaseSchemaEditor, index: str) -> None:
    """Drop an index of PostgreSQL, where it is there: also one that was once left half built."""
    schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(index)}")


def _concurrently(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, Any]:
    return {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
