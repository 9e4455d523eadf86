"""Agno's two database classes, over Django's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sessions_app.adapters import threads
from sessions_app.adapters.agno.runs import RunMethods
from sessions_app.adapters.agno.sessions import SessionMethods
from sessions_app.adapters.agno.store import check_elsewhere
from sessions_app.adapters.agno.unsupported import SessionsOnly
from sessions_app.adapters.threads import in_background
from sessions_app.models import Project

if TYPE_CHECKING:
    # To a type checker the methods that SessionsOnly adds would still be abstract.
    BaseDb = Any
    AsyncBaseDb = Any
else:
    from agno.db.base import AsyncBaseDb, BaseDb

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class DjangoDb(SessionMethods, RunMethods, SessionsOnly, BaseDb):
    """``Agent(db=DjangoDb())``: sessions and runs in our tables. May be called from threads and from event loops.

    ``project`` (a Project or its id) keeps sessions apart, ``using`` names one of Django's databases. The keyword
    arguments of agno's ``SqliteDb`` are taken where they change nothing, and refused in a sentence where they would.
    """

    def __init__(
        self,
        project: Project | UUID | str | None = None,
        *,
        using: str | None = None,
        id: str | None = None,
        **arguments: Any,
    ) -> None:
        self.open(project, using)
        super().__init__(id=id or self.public_id, **check_elsewhere(type(self).__name__, arguments))

    def table_exists(self, table_name: str) -> bool:
        return table_name in (self.session_table_name, self.runs_table_name)

    def close(self) -> None:
        """End the threads and connections that all of our database classes share; the next call makes new ones."""
        threads.close()

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), **self.place}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DjangoDb:
        return cls(**data)


def _later(method: Callable[Concatenate[Any, Arguments], Result]) -> Callable[..., Coroutine[Any, Any, Result]]:
    @in_background
    @wraps(method)
    def call(self: AsyncDjangoDb, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return method(self.sync, *args, **kwargs)

    return call


class AsyncDjangoDb(SessionsOnly, AsyncBaseDb):
    """``DjangoDb`` (here ``sync``) with ``async`` methods: no call blocks the event loop."""

    def __init__(
        self,
        project: Project | UUID | str | None = None,
        *,
        using: str | None = None,
        id: str | None = None,
        **arguments: Any,
    ) -> None:
        self.sync = DjangoDb(project, using=using, id=id, **arguments)
        super().__init__(id=self.sync.id)
        for name, value in vars(self.sync).items():
            if name.endswith("_table_name"):  # Agno's asynchronous class takes fewer of them.
                setattr(self, name, value)

    get_session = _later(SessionMethods.get_session)
    get_sessions = _later(SessionMethods.get_sessions)
    upsert_session = _later(SessionMethods.upsert_session)
    upsert_sessions = _later(SessionMethods.upsert_sessions)
    rename_session = _later(SessionMethods.rename_session)
    delete_session = _later(SessionMethods.delete_session)
    delete_sessions = _later(SessionMethods.delete_sessions)
    reassign_session_owner = _later(SessionMethods.reassign_session_owner)
    get_run = _later(RunMethods.get_run)
    get_runs = _later(RunMethods.get_runs)
    upsert_run = _later(RunMethods.upsert_run)
    delete_run = _later(RunMethods.delete_run)
    delete_runs = _later(RunMethods.delete_runs)
    cancel_pending_run = _later(RunMethods.cancel_pending_run)

    async def table_exists(self, table_name: str) -> bool:
        return self.sync.table_exists(table_name)

    async def close(self) -> None:
        await asyncio.to_thread(self.sync.close)

    def to_dict(self) -> dict[str, Any]:
        return self.sync.to_dict()

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AsyncDjangoDb:
        return cls(**data)
