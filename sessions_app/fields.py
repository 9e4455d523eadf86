"""Column types that mean the same on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.lookups import IContains
from django.dispatch import receiver

from sessions_app import jsontext

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
    _NullableCharField = models.CharField[str | None, str | None]
    _TextField = models.TextField[Any, Any]
else:
    _CharField = _NullableCharField = models.CharField
    _TextField = models.TextField


def _exact_collation(connection: BaseDatabaseWrapper) -> str | None:
    """MariaDB compares text without case, and without spaces at the end, unless told otherwise."""
    if connection.vendor != "mysql":
        return None
    return "utf8mb4_nopad_bin" if getattr(connection, "mysql_is_mariadb", False) else "utf8mb4_0900_bin"


class IdentifierField(_CharField):
    """Free text that names something: ``A``, ``a`` and ``a `` are three different ones everywhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        return {**super().db_parameters(connection), "collation": _exact_collation(connection)}


class NullableIdentifierField(_NullableCharField):
    """An ``IdentifierField`` in which None (nobody said) and "" (somebody said nothing) are two things."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        kwargs.update(null=True, blank=True)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        return {**super().db_parameters(connection), "collation": _exact_collation(connection)}


class SearchTextField(_TextField):
    """Text that people search (``__icontains``) without regard to case, in every script, on every database."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        collation = "utf8mb4_unicode_ci" if connection.vendor == "mysql" else None
        return {**super().db_parameters(connection), "collation": collation}


@SearchTextField.register_lookup
class FoldedIContains(IContains):
    """``__icontains`` where SQLite's LIKE would fold ASCII letters only."""

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        # The text as it is, so that a prepared statement can look for another one; SQLite folds it once.
        return f"instr(agent_sessions_fold({column}), agent_sessions_fold(%s)) > 0", [*parameters, str(self.rhs)]


@receiver(connection_created, dispatch_uid="sessions_app.fold")
def _teach_sqlite_to_fold(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("agent_sessions_fold", 1, _fold, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


class JSONTextField(_TextField):
    """A JSON value kept as text (see ``jsontext``): lossless, but not for filters. None is NULL."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        return {**super().db_parameters(connection), "collation": _exact_collation(connection)}

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return None if value is None else jsontext.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else jsontext.dumps(value)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": JSONTextFormField, "max_length": None, **kwargs})


class JSONTextFormField(forms.JSONField):
    """A form's box for JSON, indented for people; only JSON gets through."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, forms.fields.InvalidJSONInput):
            return str(value)
        return "" if value is None else jsontext.escape_surrogates(json.dumps(value, ensure_ascii=False, indent=2))
