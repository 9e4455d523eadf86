"""Sessions that agno kept in a database of its own, for ``import_agent_sessions --from agno://ADDRESS``."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.module_loading import import_string

from sessions_app.adapters.agno.objects import plain
from sessions_app.exceptions import InvalidValue
from sessions_app.mappings.agno.documents import document

PAGE = 100
_CLASSES = {
    "sqlite": ("agno.db.sqlite.SqliteDb", "db_url"),
    "postgresql": ("agno.db.postgres.PostgresDb", "db_url"),
    "mysql": ("agno.db.mysql.MySQLDb", "db_url"),
    "mariadb": ("agno.db.mysql.MySQLDb", "db_url"),
    "singlestoredb": ("agno.db.singlestore.SingleStoreDb", "db_url"),
    "mongodb": ("agno.db.mongo.MongoDb", "db_url"),
    "mongodb+srv": ("agno.db.mongo.MongoDb", "db_url"),
    "redis": ("agno.db.redis.RedisDb", "db_url"),
    "rediss": ("agno.db.redis.RedisDb", "db_url"),
    "json": ("agno.db.json.JsonDb", "db_path"),
}
"""Agno's own class for a URL, by the URL's scheme without its driver, and the argument that takes the address."""


@contextmanager
def open_store(address: str) -> Iterator[AgnoStore]:
    """The store at a database URL, or in a SQLite file; behind ``#`` the name of its table of sessions.

    Raises InvalidValue for what agno cannot open, and ImportError where a driver is not installed.
    """
    url, _, table = address.partition("#")
    database = _open(url, {"session_table": table} if table else {})
    try:
        yield AgnoStore(database)
    finally:
        database.close()


class AgnoStore:
    """The sessions of one of agno's databases, read through agno's own class, oldest first."""

    def __init__(self, database: Any) -> None:
        self._database = database
        can_leave_out = "include_runs" in inspect.signature(database.get_sessions).parameters
        self._options = {"include_runs": False} if can_leave_out else {}
        try:
            _check_server(database)
            self._count = self._page(1, 1)[1]
        except InvalidValue:
            raise
        except Exception as error:  # Each driver has its own.
            raise InvalidValue(f"Agno cannot read it: {error}") from error

    def __len__(self) -> int:
        return int(self._count)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for session_id in self._session_ids():
            whole = self._database.get_session(session_id, deserialize=False)
            if whole is not None:
                yield str(session_id), document(plain(whole))

    def _session_ids(self) -> list[Any]:
        """Oldest first. Pages are asked for by id: ordered by a moment that many share, they would overlap."""
        pages = (self._page(number, PAGE)[0] for number in range(1, -(-self._count // PAGE) + 1))
        found = ((row["created_at"] or 0, row["session_id"]) for page in pages for row in page)
        return [session_id for _, session_id in sorted(found)]

    def _page(self, number: int, limit: int) -> Any:
        return self._database.get_sessions(
            page=number, limit=limit, sort_by="session_id", sort_order="asc", deserialize=False, **self._options
        )


def _check_server(database: Any) -> None:
    """To agno a server that does not answer, and a table that is not there, are no sessions."""
    engine = getattr(database, "db_engine", None)
    if engine is None:
        return
    engine.connect().close()
    if not database.table_exists(database.session_table_name):
        raise InvalidValue(f"There is no table {database.session_table_name}; name another one behind #")


def _open(url: str, options: dict[str, str]) -> Any:
    scheme, separator, rest = url.partition("://")
    if not separator:
        if not Path(url).is_file():
            raise InvalidValue(f"There is no file {url!r}; a database URL such as sqlite:///agno.db is meant as well")
        scheme, url = "sqlite", f"sqlite:///{Path(url).resolve()}"
    elif scheme == "sqlite" and not Path(rest.removeprefix("/")).is_file():
        raise InvalidValue(f"There is no file {rest.removeprefix('/')!r}")
    name = scheme if scheme in _CLASSES else scheme.partition("+")[0]
    if name not in _CLASSES:
        raise InvalidValue(f"No database of agno's is known for {scheme}://. Known are: {', '.join(_CLASSES)}")
    path, argument = _CLASSES[name]
    where = url.partition("://")[2] if name == "json" else url
    return import_string(path)(**{argument: where}, **options)
