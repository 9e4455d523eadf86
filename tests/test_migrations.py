"""The migrations: complete, named, and good in both directions."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sessions_app.models import Session
from tests import factories

MODELS = list(apps.get_app_config("sessions_app").get_models(include_auto_created=True))


def tables():
    return {name for name in connection.introspection.table_names() if name.startswith("sessions_app_")}


def test_none_is_missing(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_index_and_constraint_has_a_name_of_ours(model):
    for index in model._meta.indexes:
        assert index.name.startswith(f"{model._meta.verbose_name.split()[-1]}_")
    for constraint in model._meta.constraints:
        assert constraint.name.startswith(f"{model._meta.verbose_name.lower().replace(' ', '_')}_")
    assert not (model._meta.unique_together and not model._meta.auto_created)


def test_the_named_ones_are_in_the_database(db):
    for model in apps.get_app_config("sessions_app").get_models():
        with connection.cursor() as cursor:
            made = connection.introspection.get_constraints(cursor, model._meta.db_table)
        wanted = {index.name for index in [*model._meta.indexes, *model._meta.constraints]}
        assert wanted <= made.keys()


@pytest.mark.django_db(transaction=True)
def test_they_go_back_to_nothing_and_forth_again():
    session = factories.SessionFactory(messages=[{"role": "user", "content": "hello"}])
    factories.RunFactory(session=session)
    before = tables()
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "sessions_app"]
    try:
        executor.migrate([("sessions_app", None)])
        assert tables() == set()
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert tables() == before
    assert "sessions_app_message" in before
    session = factories.SessionFactory(messages=[{"role": "user", "content": "hello"}])
    assert session.message_count == 1


@pytest.mark.django_db(transaction=True)
def test_an_index_goes_and_comes_back_on_a_full_table_also_where_that_was_interrupted():
    sessions = [factories.SessionFactory(agent=factories.AgentFactory()) for _ in range(3)]
    indexes = {"session_by_agent", "session_ids_by_agent"}
    try:
        MigrationExecutor(connection).migrate([("sessions_app", "0006_reading_fast")])
        assert indexes & made_indexes() == {"session_by_agent"}
        if connection.vendor == "postgresql":  # Elsewhere nothing is left of what was interrupted.
            with connection.cursor() as cursor:
                cursor.execute("CREATE INDEX session_ids_by_agent ON sessions_app_session (id)")
    finally:
        MigrationExecutor(connection).migrate([("sessions_app", "0007_ids_by_agent")])
    assert indexes & made_indexes() == {"session_ids_by_agent"}
    assert {session.agent_id for session in Session.objects.all()} == {session.agent_id for session in sessions}


def made_indexes():
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, "sessions_app_session").keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="about MariaDB's collations")
def test_columns_have_the_collations_that_they_need():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns "
            "WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
        )
        collations = {(table, column): collation for table, column, collation in cursor.fetchall()}
    for column in ("session_id", "user_id", "state", "summary", "details"):
        assert collations["sessions_app_session", column] == "utf8mb4_nopad_bin"
    for column in ("name", "generated_title", "opening"):
        assert collations["sessions_app_session", column] == "utf8mb4_unicode_ci"
