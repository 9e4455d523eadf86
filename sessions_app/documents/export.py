"""Documents of stored sessions, as values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Count, F, Model, OuterRef, QuerySet, Subquery

from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.querysets import SessionQuerySet

CHUNK = 100
"""Rows in memory at once."""
Row = TypeVar("Row", bound=Model)


def document_of(session: Session) -> dict[str, Any]:
    """The session as one document. Raises SessionNotFound where it has gone."""
    session = fresh(session)
    runs = [run_document(run) for run in stored_runs(session)]
    messages = [message_document(message) for message in stored_messages(session)]
    return {**header_document(session), **({"runs": runs} if runs else {}), "messages": messages}


def in_chunks(rows: QuerySet[Row], column: str) -> Iterator[Row]:
    """All rows by a unique, ascending ``column``, a few at a time: MariaDB's driver has no cursor that would do so."""
    page = list(rows.order_by(column)[:CHUNK])
    yield from page
    while len(page) == CHUNK:
        page = list(rows.filter(**{f"{column}__gt": getattr(page[-1], column)}).order_by(column)[:CHUNK])
        yield from page


def stored_runs(session: Session) -> Iterator[RunMetadata]:
    """The runs that the session had when it was read, in order."""
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, position__lt=session.run_seq)
    return in_chunks(runs.select_related("agent"), "position")


def stored_messages(session: Session) -> Iterator[Message]:
    """The messages that the session had when it was read, in order; each knows its run's id as ``in_run``.

    Whoever writes meanwhile adds behind ``message_seq``, so that no message names a run that ``stored_runs`` lacks.
    """
    messages = Message.objects.using(session._state.db).filter(session=session, position__lt=session.message_seq)
    wanted = messages.only("position", "payload", "format", "created_at")
    return in_chunks(wanted.annotate(in_run=F("run__run_id")), "position")


def header_document(session: Session) -> dict[str, Any]:
    """The session's own values."""
    agent = session.agent
    document: dict[str, Any] = {
        "session_id": session.session_id,
        "type": session.type,
        **_agent_document(agent, session.type),
        "model": (agent.model if agent else None) or None,
        "user_id": session.user_id,
        "name": session.name,
        "metadata": session.metadata,
        "state": session.state,
        "summary": session.summary,
        "tags": sorted(tag.name for tag in session.tags.all()) or None,
        "index_ids": session.index_ids,
        "shared_access": session.shared_access or None,
        "details": session.details,
        "parent_session_id": session.parent_name,  # type: ignore[attr-defined]
        "branched_at": _branching_point(session),
        "created_at": _iso(session.created_at),
        "updated_at": _iso(session.updated_at),
    }
    return _known(document)


def run_document(run: RunMetadata) -> dict[str, Any]:
    """The run's own values. Its messages stand with the session's."""
    model = {key: value for key, value in (("provider", run.model_provider), ("id", run.model_id)) if value}
    document: dict[str, Any] = {
        "run_id": run.run_id,
        "parent_run_id": run.parent_run_id,
        **_agent_document(run.agent, Agent.Type.AGENT),
        "user_id": run.user_id,
        "status": run.status,
        "input": run.input,
        "content": run.content,
        "model": model or None,
        # Written even where empty: a run that does not say what it cost gets the sums of its messages.
        "usage": {name: tokens for name, tokens in run.usage.items() if tokens},
        "duration_ms": run.duration_ms,
        "turns": run.turns,
        "is_error": run.is_error,
        "error": run.error,
        "export_config_ids": run.export_config_ids,
        "details": run.details,
        "created_at": _iso(run.created_at),
        "updated_at": _iso(run.updated_at),
    }
    return _known(document)


def message_document(message: Message) -> dict[str, Any]:
    """The envelope of a message out of ``stored_messages``."""
    in_run: str | None = message.in_run  # type: ignore[attr-defined]
    return {"payload": message.payload, **wrapping(message, in_run)}


def wrapping(message: Message, run_id: str | None) -> dict[str, Any]:
    """What the envelope of a message says besides its payload."""
    return _known({"format": message.format, "run_id": run_id, "created_at": _iso(message.created_at)})


def fresh(session: Session) -> Session:
    """The session as it is now, with what its document needs. Raises SessionNotFound."""
    found = for_documents(Session.objects.using(session._state.db).filter(pk=session.pk)).order_by().first()
    if found is None:
        raise SessionNotFound(session.session_id)
    return found


def for_documents(sessions: SessionQuerySet) -> SessionQuerySet:
    """Sessions with what ``header_document`` needs of other tables."""
    shared = Message.objects.filter(session=OuterRef("parent"), position__lte=OuterRef("branched_at")).order_by()
    counted = shared.values("session").annotate(number=Count("pk")).values("number")
    named = sessions.annotate(shared_messages=Subquery(counted), parent_name=F("parent__session_id"))
    return named.prefetch_related("agent", "tags")


def _agent_document(agent: Agent | None, usual_type: str) -> dict[str, Any]:
    if agent is None:
        return {}
    unusual = agent.type if agent.type != usual_type else None
    return {"agent_id": agent.agent_id, "agent_type": unusual, "agent_name": agent.name or None}


def _branching_point(session: Session) -> int | None:
    """How many of the parent's messages come before the last shared one: positions of deleted messages do not count."""
    if session.parent_id is None or session.branched_at is None:
        return session.branched_at
    shared: int | None = session.shared_messages  # type: ignore[attr-defined]
    return shared - 1 if shared else None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _known(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
