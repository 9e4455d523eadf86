"""Which database a request means: ``db_id`` and ``table``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import NotFound, ParseError

from sessions_app import conf

SESSION_TABLE = "agno_sessions"


def database_alias(parameters: Mapping[str, Any]) -> str:
    """The Django alias of the database that a request names. One database need not be named.

    Raises ParseError (400) and NotFound in AgentOS' words.
    """
    db_id, table = parameters.get("db_id"), parameters.get("table")
    databases: Mapping[str, str] = conf.get("DB_IDS")
    if table and not db_id:
        raise ParseError("The db_id query parameter is required when passing a table")
    if not db_id:
        if len(databases) > 1:
            raise ParseError("The db_id query parameter is required when using multiple databases")
        return next(iter(databases.values()))
    if db_id not in databases:
        raise NotFound(f"No database found with id '{db_id}'")
    if table and table != SESSION_TABLE:
        raise NotFound(f"No database with id '{db_id}' has table '{table}'")
    return databases[db_id]
