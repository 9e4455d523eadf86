"""The storage that a runner of the SDK is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from agents import RunContextWrapper, SessionSettings, Usage
from agents.items import TResponseInputItem
from agents.memory.session_settings import coerce_session_settings, resolve_session_limit

from sessions_app.adapters.openai_agents import store, threads
from sessions_app.adapters.openai_agents.hooks import ModelHooks
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Project
from sessions_app.text import check_identifier

Result = TypeVar("Result")
Wrapper: TypeAlias = RunContextWrapper[Any]


class DjangoSession:
    """A session of the OpenAI Agents SDK in our tables: ``Runner.run(agent, "Hello", session=DjangoSession("id"))``.

    ``project`` is a project or its id (without it: the default project). ``user_id`` and ``agent_id`` are those of a
    session that is new; one that is there already must not belong to another user, else SessionNotFound is raised.
    ``using`` is the alias of the database. Each method is one transaction, done wholly or not at all, also where its
    caller is cancelled, and may be called from any event loop. Where the runner is also given ``hooks=session.hooks``,
    runs are kept with the model that they asked.
    """

    session_settings: SessionSettings | None = None

    def __init__(
        self,
        session_id: str,
        *,
        project: Project | UUID | str | None = None,
        user_id: str | None = None,
        agent_id: str | None = None,
        session_settings: SessionSettings | dict[str, Any] | None = None,
        using: str | None = None,
    ) -> None:
        self.session_id = check_identifier(session_id, "session_id")
        self.session_settings = coerce_session_settings({} if session_settings is None else session_settings)
        self._place = partial(store.Place, project=project, user_id=user_id, agent_id=agent_id, using=using)
        self.hooks = ModelHooks()
        self._runs: WeakKeyDictionary[Wrapper, str] = WeakKeyDictionary()

    async def get_items(self, limit: int | None = None, *, wrapper: Wrapper | None = None) -> list[TResponseInputItem]:
        """The latest ``limit`` items in order; without it, as many as the settings say, else all."""
        limit = resolve_session_limit(limit, self.session_settings)
        return cast("list[TResponseInputItem]", await self._do(store.get_items, limit))

    async def add_items(self, items: list[TResponseInputItem], *, wrapper: Wrapper | None = None) -> None:
        """Append items. ``wrapper``, which the runner gives, tells which run they belong to and what it cost so far."""
        if not items:
            return
        progress = self._progress(wrapper) if wrapper is not None else None
        run_id = await self._do(store.add_items, list(items), progress)
        if wrapper is not None and run_id is not None:
            self._runs[wrapper] = run_id

    async def pop_item(self, *, wrapper: Wrapper | None = None) -> TResponseInputItem | None:
        """Take the last item away, and give it; None where there is none. No item is given to two callers."""
        return cast("TResponseInputItem | None", await self._do(store.pop_item))

    async def clear_session(self, *, wrapper: Wrapper | None = None) -> None:
        """Delete all items. The session's name, owner, tags and metadata stay."""
        await self._do(store.clear_session)

    async def _atomic_replace_items(self, items: list[TResponseInputItem]) -> bool:
        """All items for others at once: the SDK's compaction asks for it, and else clears and adds."""
        await self._do(store.replace_items, list(items))
        return True

    def close(self) -> None:
        """Does nothing, since nothing is held open; for code that was written for SQLiteSession."""

    async def _do(self, job: Callable[..., Result], *arguments: Any) -> Result:
        return await threads.run(partial(job, self._place(self.session_id), *arguments))

    def _progress(self, wrapper: Wrapper) -> store.Progress:
        turns, usage = wrapper.usage.requests, _counts(wrapper.usage)
        return store.Progress(self._runs.get(wrapper), turns, usage, self.hooks.models.get(wrapper))


def _counts(usage: Usage) -> dict[str, int]:
    inputs, outputs = usage.input_tokens_details, usage.output_tokens_details
    counts = {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cache_read_tokens": getattr(inputs, "cached_tokens", None),
        "cache_write_tokens": getattr(inputs, "cache_write_tokens", None),
        "reasoning_tokens": getattr(outputs, "reasoning_tokens", None),
    }
    return {name: count for name, count in counts.items() if type(count) is int and 0 <= count <= MAX_TOKENS}
