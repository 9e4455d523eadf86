"""System checks: what is wrong with ``AGENT_SESSIONS`` is said at start-up, not on the first request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder

from sessions_app import conf

SEARCH_MIGRATION = ("sessions_app", "0005_search_indexes")
SEARCH_INDEXES = {
    "message_text_search",
    "session_opening_search",
    "session_texts_search",
    "session_untitled_search",
}


def check_settings(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E001: not a dict. E002: unknown key. E003 and up: one for each key. E009, E010: what the site must have."""
    configured = getattr(settings, "AGENT_SESSIONS", {})
    if not isinstance(configured, Mapping):
        return [Error("AGENT_SESSIONS must be a dict.", id="sessions_app.E001"), *_check_site()]
    return [*_check_keys(configured), *_check_site()]


def _check_keys(configured: Mapping[str, Any]) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for name, value in configured.items():
        setting = conf.SETTINGS.get(name)
        if setting is None:
            known = ", ".join(sorted(conf.SETTINGS))
            message = f"AGENT_SESSIONS has an unknown key {name!r}."
            problems.append(Error(message, hint=f"The keys are: {known}.", id="sessions_app.E002"))
        elif problem := setting.problem(value):
            problems.append(Error(f"AGENT_SESSIONS[{name!r}] {problem}.", id=setting.check_id))
    return problems


def _check_site() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if not settings.USE_TZ:
        hint = "Set USE_TZ = True, Django's default."
        problems.append(Error("Agent sessions are kept in UTC.", hint=hint, id="sessions_app.E009"))
    missing = [app for app in ("rest_framework", "rest_framework_api_key") if app not in settings.INSTALLED_APPS]
    if missing:
        hint = f"Add {' and '.join(repr(app) for app in missing)} to INSTALLED_APPS."
        problems.append(Error("An app that sessions_app needs is not installed.", hint=hint, id="sessions_app.E010"))
    return problems


def check_search_indexes(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """W001: a search reads whole tables, since who migrated might not create PostgreSQL's extension pg_trgm."""
    hint = (
        "Let a superuser run CREATE EXTENSION pg_trgm there, then run `manage.py sqlmigrate sessions_app 0005 | "
        "manage.py dbshell`, both with --database where it is not the default."
    )
    return [
        checks.Warning(f"Database {alias!r} has no indexes for text search.", hint=hint, id="sessions_app.W001")
        for alias in databases or ()
        if connections[alias].vendor == "postgresql" and _lacks_search_indexes(alias)
    ]


def _lacks_search_indexes(alias: str) -> bool:
    is_kept_there = router.allow_migrate(alias, "sessions_app", model_name="session")
    if not is_kept_there or SEARCH_MIGRATION not in MigrationRecorder(connections[alias]).applied_migrations():
        return False
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
            "WHERE i.indisvalid AND pg_table_is_visible(c.oid) AND c.relname = ANY(%s)",
            [list(SEARCH_INDEXES)],
        )
        return {name for (name,) in cursor.fetchall()} != SEARCH_INDEXES
