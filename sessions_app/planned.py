"""Statements that the database has planned before, and their shortest way to it.

To plan a statement takes PostgreSQL longer than to find or to store a few rows, and Django's own cursors send each with
its values in it, so that it is a new one each time. Where the site's ``prepare_threshold`` lets psycopg do so, each of
these is planned once for a connection. SQLite's driver knows its statements again by itself; to it, reads go without
Django's cursors, which take as long as to find a row. Elsewhere all go Django's way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from threading import get_ident
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

_CURSOR = vars(BaseDatabaseWrapper)["_cursor"]
_READER = "agent_sessions_reader"
_MOST_PLACES = 400
"""Places of a write that is planned once: with more of them its plan is soon the least of its cost."""


def fetch(sql: str, parameters: Sequence[Any], connection: Any, is_planned: bool = True) -> list[Any]:
    """The rows that a read finds; planned for these parameters alone unless ``is_planned``."""
    if _is_watched(connection):
        return _django_rows(sql, parameters, connection)
    if connection.vendor == "sqlite":
        with _directly(connection) as sqlite:
            return sqlite.execute(_with_question_marks(sql), parameters).fetchall()  # type: ignore[no-any-return]
    if not _prepares(connection):
        return _django_rows(sql, parameters, connection)
    with _directly(connection) as postgresql:
        cursor = _reader(postgresql).execute(sql, parameters, prepare=None if is_planned else False)
        return cursor.fetchall()  # type: ignore[no-any-return]


def forget(connection: Any) -> None:
    """Let the database plan all statements of a connection anew."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def write(sql: str, values: Sequence[Any], connection: Any) -> list[Any]:
    """The rows that a write returns; none where it returns nothing. Each ``%s`` stands for what goes into a column.

    Values go as text, since else the numbers' sizes would make the same statement another one, to be planned again.
    """
    if _is_watched(connection) or not _prepares(connection):
        return _django_rows(sql, values, connection)
    from psycopg import RawCursor

    texts = [value if value is None or type(value) is str else _text(value) for value in values]
    with _directly(connection) as postgresql:
        cursor = RawCursor(postgresql)
        cursor.execute(_numbered(sql), texts, prepare=None if len(texts) <= _MOST_PLACES else False)
        return cursor.fetchall() if cursor.rownumber is not None else []  # `description` would describe each column.


def _reader(connection: Any) -> Any:
    """The one cursor that reads of a psycopg connection: to make one, and to read moments by Django's function instead
    of psycopg's own, would take as long as to find a session. It keeps its last rows until the next ones.
    """
    reader = connection.__dict__.get(_READER)
    if reader is None:
        from psycopg import Cursor, adapters
        from psycopg.pq import Format

        reader = connection.__dict__[_READER] = Cursor(connection)
        moment = adapters.types["timestamptz"].oid
        loader = adapters.get_loader(moment, Format.TEXT)
        if loader and settings.USE_TZ:
            reader.adapters.register_loader(moment, loader)
    return reader


def _prepares(connection: Any) -> bool:
    """Whether the site lets psycopg have statements planned once."""
    options = connection.settings_dict.get("OPTIONS", {})
    return connection.vendor == "postgresql" and options.get("prepare_threshold") is not None


@contextmanager
def _directly(connection: Any) -> Iterator[Any]:
    """The driver's own connection; what it raises is raised as Django's own errors."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        yield connection.connection


def _is_watched(connection: Any) -> bool:
    """Whether somebody wants each statement to go by Django's cursors: to see it, to choose a schema first as
    backends for many tenants do, or to use the connection in several threads.
    """
    return bool(
        connection.queries_logged
        or connection.execute_wrappers
        or type(connection)._cursor is not _CURSOR
        or "cursor" in connection.__dict__
        or connection.allow_thread_sharing
        or connection._thread_ident != get_ident()
    )


def _django_rows(sql: str, parameters: Sequence[Any], connection: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Any] = cursor.fetchall() if cursor.description else []
    return found


@lru_cache
def _with_question_marks(sql: str) -> str:
    """The statement with SQLite's own places."""
    return re.sub("(?<!%)%s", "?", sql).replace("%%", "%")


@lru_cache
def _numbered(sql: str) -> bytes:
    """The statement with PostgreSQL's own places. Psycopg looks for its own again each time where there are many."""
    first, *rest = sql.split("%s")
    return "".join([first, *(f"${place}{after}" for place, after in enumerate(rest, 1))]).encode()


def _text(value: Any) -> Any:
    write = _TEXT_OF.get(type(value))
    return write(value) if write else value


_TEXT_OF: dict[type, Callable[[Any], str]] = {int: str, bool: str, float: repr, datetime: datetime.isoformat}
"""Other values, such as JSON's, psycopg knows how to write."""
