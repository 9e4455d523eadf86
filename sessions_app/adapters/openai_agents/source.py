"""Sessions out of the SDK's own stores: the file of an SQLiteSession, the database of a SQLAlchemySession."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from agents import SQLiteSession

from sessions_app.adapters.openai_agents import items as sdk
from sessions_app.adapters.openai_agents.items import Item
from sessions_app.exceptions import InvalidValue
from sessions_app.models import RunMetadata

_SESSIONS = "SELECT session_id, created_at, updated_at FROM agent_sessions ORDER BY created_at, session_id"
_MOMENTS = "SELECT created_at FROM agent_messages WHERE session_id = :session_id ORDER BY "
Rows = Sequence[Sequence[Any]]


class _Store(Protocol):
    """A store that answers SQL, and has its items read by the SDK's class for it.

    ``order`` is that class' order of items, ``errors`` are what it raises where there is no such store.
    """

    order: str
    errors: tuple[type[Exception], ...]

    def query(self, sql: str, **parameters: str) -> Rows: ...

    def items(self, session_id: str) -> list[Any]: ...

    def close(self) -> None: ...


class _History:
    """The sessions of a store, oldest first, each as an interchange document."""

    def __init__(self, store: _Store) -> None:
        self._store = store
        self._sessions = store.query(_SESSIONS)

    def __len__(self) -> int:
        return len(self._sessions)

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for session_id, created_at, updated_at in self._sessions:
            items = self._store.items(session_id)
            rows = self._store.query(_MOMENTS + self._store.order, session_id=session_id)
            # The class passes over rows that it cannot read, so that nobody knows which of them are missing.
            moments = [str(moment) for (moment,) in rows] if len(rows) == len(items) else [str(created_at)] * len(items)
            header = {"session_id": session_id, "created_at": str(created_at), "updated_at": str(updated_at)}
            yield session_id, header | _content(items, moments)


class _File:
    """The file of an SQLiteSession."""

    order = "id"
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, address: str, runner: asyncio.Runner) -> None:
        if not Path(address).is_file():
            raise InvalidValue("There is no such file")
        self._path, self._runner = address, runner
        self._connection = sqlite3.connect(address)

    def query(self, sql: str, **parameters: str) -> Rows:
        return self._connection.execute(sql, parameters).fetchall()

    def items(self, session_id: str) -> list[Any]:
        with closing(SQLiteSession(session_id, self._path)) as session:
            return self._runner.run(session.get_items())

    def close(self) -> None:
        self._connection.close()


class _Database:
    """The database of a SQLAlchemySession."""

    order = "created_at, id"

    def __init__(self, address: str, runner: asyncio.Runner) -> None:
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.ext.asyncio import create_async_engine

        self.errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError)
        self._runner = runner
        try:
            self._engine = create_async_engine(address)
        except SQLAlchemyError as error:
            raise InvalidValue(str(error)) from error

    def query(self, sql: str, **parameters: str) -> Rows:
        return self._runner.run(self._query(sql, parameters))

    async def _query(self, sql: str, parameters: dict[str, str]) -> Rows:
        from sqlalchemy import text

        async with self._engine.connect() as connection:
            return list(await connection.execute(text(sql), parameters))

    def items(self, session_id: str) -> list[Any]:
        from agents.extensions.memory import SQLAlchemySession

        return self._runner.run(SQLAlchemySession(session_id, engine=self._engine).get_items())

    def close(self) -> None:
        self._runner.run(self._engine.dispose())


@contextmanager
def open_store(address: str) -> Iterator[_History]:
    """The store in a file, or at a URL as SQLAlchemySession takes it. Raises InvalidValue."""
    opened: Callable[[str, asyncio.Runner], _Store] = _Database if "://" in address else _File
    with asyncio.Runner() as runner, closing(opened(address, runner)) as store:
        try:
            history = _History(store)
        except store.errors as error:
            reason = str(error).partition("\n")[0]
            raise InvalidValue(f"There are no sessions of the OpenAI Agents SDK: {reason}") from error
        yield history


def _content(items: Sequence[Item], moments: Sequence[str]) -> dict[str, Any]:
    """Runs and messages: a run begins wherever somebody says something after the agent did."""
    runs: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    for piece in sdk.turns(items):
        new, began = sdk.new_messages(piece), moments[len(messages)]
        run_id = f"run-{len(runs) + 1}" if sdk.is_given(piece[0]) else None
        if run_id:
            run = {"run_id": run_id, "status": RunMetadata.Status.COMPLETED.value, "content": sdk.answer(new)}
            runs.append(run | {"created_at": began, "updated_at": moments[len(messages) + len(piece) - 1]})
        for each in new:
            envelope = {"payload": each.payload, "format": each.format, "run_id": run_id}
            messages.append(envelope | {"created_at": moments[len(messages)]})
    return {"runs": runs, "messages": messages}
