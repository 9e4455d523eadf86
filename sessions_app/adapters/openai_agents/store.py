"""What a session of the SDK does with our tables. Each function is one transaction."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import router
from django.utils import timezone

from sessions_app import services
from sessions_app.adapters.openai_agents import items as sdk
from sessions_app.adapters.openai_agents.items import Item
from sessions_app.adapters.projects import find_project
from sessions_app.exceptions import InvalidValue, SessionExists, SessionNotFound
from sessions_app.models import Agent, Message, Project, RunMetadata, Session
from sessions_app.querysets import MessageQuerySet, SessionQuerySet
from sessions_app.services import NewMessage, RunFields, SessionFields, rollups
from sessions_app.transactions import atomic_write


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session lies, and whose it is. ``project`` is a project, its id, or None for the default one."""

    session_id: str
    project: Project | UUID | str | None
    user_id: str | None
    agent_id: str | None
    using: str | None

    def find_project(self) -> Project:
        """Raises InvalidValue for an id that no project has."""
        given = self.project
        hints = {"instance": given} if isinstance(given, Project) else {}
        using = self.using or router.db_for_write(Project, **hints)
        try:
            return find_project(given, using)
        except (ValueError, Project.DoesNotExist) as error:
            raise InvalidValue("There is no such project", location=("project",)) from error


@dataclass(frozen=True, slots=True)
class Model:
    """A model, and whose it is."""

    provider: str
    id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run of the SDK has come: the run that it is in our store, once it is known, and what it cost so far."""

    run_id: str | None
    turns: int
    usage: Mapping[str, int]
    model: Model | None


def get_items(place: Place, limit: int | None) -> list[Item]:
    """The latest ``limit`` items in order; all of them where it is None or negative."""
    session = _checked(_sessions(place.find_project(), place).order_by().first(), place)
    if session is None:
        return []
    if limit is None or limit < 0:
        limit, rows = sys.maxsize, _messages(session).order_by("-position")
    else:
        limit = min(limit, sys.maxsize)
        rows = _messages(session).order_by("-position")[:limit]
    stored = list(rows.values_list("payload", "format"))[::-1]
    found = [item for payload, format_ in stored for item in sdk.stored_items(payload, format_)]
    return found[-limit:] if limit else []


def add_items(place: Place, items: Sequence[Item], progress: Progress | None) -> str | None:
    """Append all items or, with InvalidValue, none. Gives the id of the run that the last of them is in."""
    return _add(place.find_project(), place, items, progress)


def pop_item(place: Place) -> Item | None:
    """Take the last message away. One that another framework wrote as several items goes whole; the last is given."""
    return _pop(place.find_project(), place)


def clear_session(place: Place) -> None:
    """Delete all items. The session's name, owner, tags and the like stay."""
    _clear(place.find_project(), place)


def replace_items(place: Place, items: Sequence[Item]) -> None:
    """Other items instead of all that there are."""
    _replace(place.find_project(), place, items)


@atomic_write
def _add(project: Project, place: Place, items: Sequence[Item], progress: Progress | None) -> str | None:
    session, is_locked = _locked_or_new(project, place), True
    agent = _agent(project, place)
    run = joined = _going_on(session, items, progress)
    for piece in [items] if progress else sdk.turns(items):
        messages = sdk.new_messages(piece)
        fields = _told(messages, progress)
        if joined:
            if progress:
                fields["duration_ms"] = (timezone.now() - joined.created_at).total_seconds() * 1000
            services.update_run(run=joined, messages=messages, **fields)
            is_locked = False  # To be read again: what the run added to its counts, it has not heard.
        elif progress or sdk.is_given(piece[0]):
            fields.setdefault("status", RunMetadata.Status.RUNNING)
            fields |= {"agent": agent, "user_id": place.user_id}
            new = str(uuid4())
            run, _ = services.record_run(session=session, run_id=new, messages=messages, is_locked=is_locked, **fields)
        else:
            services.append_messages(session=session, messages=messages, is_locked=is_locked)
        joined = None
    return run.run_id if run else None


@atomic_write
def _pop(project: Project, place: Place) -> Item | None:
    session = _locked(project, place)
    message = _last_message(session) if session else None
    if message is None:
        return None
    run = message.run
    services.delete_message(message=message)
    if run is not None:
        _retell(run)
    return sdk.stored_items(message.payload, message.format)[-1]


@atomic_write
def _clear(project: Project, place: Place) -> None:
    if session := _locked(project, place):
        services.clear_session(session=session)


@atomic_write
def _replace(project: Project, place: Place, items: Sequence[Item]) -> None:
    _clear(project, place)
    if items:
        _add(project, place, items, None)


def _locked(project: Project, place: Place) -> Session | None:
    """The session, which nobody else changes until this transaction ends. Raises SessionNotFound for another's."""
    try:
        session = rollups.lock_with_id(project, place.session_id, to_append=True, with_agent=False)
    except SessionNotFound:
        return None
    return _checked(session, place)


def _locked_or_new(project: Project, place: Place) -> Session:
    while (session := _locked(project, place)) is None:
        with suppress(SessionExists):
            known: SessionFields = {"agent": _agent(project, place), "user_id": place.user_id}
            return services.create_session(project=project, session_id=place.session_id, **known)
    return session


def _agent(project: Project, place: Place) -> Agent | None:
    return services.ensure_agent(project=project, agent_id=place.agent_id) if place.agent_id else None


def _sessions(project: Project, place: Place) -> SessionQuerySet:
    return Session.objects.using(project._state.db).filter(project=project, session_id=place.session_id)


def _checked(session: Session | None, place: Place) -> Session | None:
    if session and place.user_id is not None and session.user_id not in {None, place.user_id}:
        raise SessionNotFound(place.session_id)
    return session


def _going_on(session: Session, items: Sequence[Item], progress: Progress | None) -> RunMetadata | None:
    """The run that new items belong to, where the session has it already."""
    if progress and progress.run_id:
        runs = RunMetadata.objects.using(session._state.db).filter(session=session)
        return runs.filter(run_id=progress.run_id).first()
    if sdk.is_given(items[0]) or (progress and not progress.turns):
        return None
    # Somebody adds an answer by hand, or a run goes on that was interrupted and kept elsewhere.
    last = _last_message(session)
    return last.run if last else None


def _told(messages: Sequence[NewMessage], progress: Progress | None) -> RunFields:
    """What new messages say of their run. The SDK does not say when it ends: it is taken for done once it answers."""
    fields: RunFields = {}
    if not all(sdk.is_given(message.payload) for message in messages):
        fields["status"] = RunMetadata.Status.COMPLETED
    if words := sdk.answer(messages):
        fields["content"] = words
    if progress:
        fields |= {"usage": progress.usage, "turns": max(1, progress.turns)}
    if progress and progress.model:
        fields |= {"model_provider": progress.model.provider[:255], "model_id": progress.model.id[:255]}
    return fields


def _retell(run: RunMetadata) -> None:
    """Make a run say what its messages say, after some went; one without messages goes too."""
    if left := list(_messages(run.session).filter(run=run).in_order()):
        status = RunMetadata.Status.RUNNING if sdk.is_given(left[-1].payload) else RunMetadata.Status.COMPLETED
        words = [message.text for message in left if message.role == "assistant" and message.text]
        services.update_run(run=run, status=status, content=words[-1] if words else None)
    else:
        services.delete_run(run=run)


def _messages(session: Session) -> MessageQuerySet:
    """The session's messages, out of the database that it was written to: a copy to read from may lag behind."""
    return Message.objects.using(session._state.db).filter(session=session)


def _last_message(session: Session) -> Message | None:
    message = _messages(session).order_by("-position").select_related("run").first()
    for row in (message, message and message.run):
        if row:
            row.session = session
    return message
