"""Messages: appended in order, never lost, never twice in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from sessions_app import formats, jsontext, ready, statements
from sessions_app.exceptions import InvalidValue, MessageNotFound, Redacted, RunNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS
from sessions_app.services import redaction, rollups
from sessions_app.statements import belong, new_row
from sessions_app.text import storable
from sessions_app.transactions import atomic_write

READ_FROM_PAYLOAD = (
    *("payload", "format", "role", "text", "name", "tool_call_id", "from_history", "ready_for"),
    *MESSAGE_TOKEN_FIELDS,
)
"""A payload, and the columns that follow from it."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message on its way into the store. ``payload`` is kept as it is; without ``created_at`` its own time counts."""

    payload: dict[str, Any]
    format: str = formats.DEFAULT
    created_at: datetime | None = None
    run: RunMetadata | None = None


@atomic_write
def append_messages(*, session: Session, messages: Sequence[NewMessage], is_locked: bool = False) -> list[Message]:
    """Append to the end of the session: all of them or, with InvalidValue at ``(i, ...)``, none.

    Those with a ``run`` join that run of the session, which must be there (RunNotFound); it keeps its token counts.
    ``is_locked`` as for ``record_run``.
    """
    rows = build_messages(messages)
    locked = session if is_locked else rollups.lock(session)
    joins_runs, is_hidden = _check_runs(locked, messages)
    place(rows, locked, locked.message_seq)
    statements.insert(rows, using=locked._state.db or DEFAULT_DB_ALIAS)
    tokens = {name: sum(getattr(row, name) for row in rows if row.run_id is None) for name in MESSAGE_TOKEN_FIELDS}
    added = {"message_seq": len(rows), "message_count": len(rows), **tokens}
    changed = rollups.reopening(locked) if joins_runs else rollups.opening(locked, rows)
    rollups.apply(locked, added=added, changed=changed)
    if is_hidden:
        redaction.refresh(locked)
    return rows


@atomic_write
def update_message(*, message: Message, payload: Any, format: str | None = None) -> Message:
    """Replace what a message says; its place stays. Raises MessageNotFound, InvalidValue, Redacted."""
    session = rollups.lock_session_of(message)
    stored = Message.objects.using(session._state.db).filter(pk=message.pk).first()
    if stored is None:
        raise MessageNotFound(message.position)
    if stored.original is not None:
        raise Redacted(message.position)
    built = _build(NewMessage(payload, format or message.format, message.created_at))
    for column in READ_FROM_PAYLOAD:
        setattr(message, column, getattr(built, column))
    message.save()
    rollups.recount(session)
    return message


@atomic_write
def delete_message(*, message: Message) -> None:
    """Delete one message. Its position stays free. Of a hidden one also goes what was kept elsewhere of its words."""
    session = rollups.lock_session_of(message)
    rows = Message.objects.using(session._state.db).filter(pk=message.pk)
    hidden = redaction.words_of(rows.filter(redacted_at__isnull=False), RunMetadata.objects.none())
    rows.delete()
    if hidden:
        redaction.forget(session, hidden)
    rollups.recount(session)


def build_messages(messages: Sequence[NewMessage]) -> list[Message]:
    """Rows for new messages, without session and position. Raises InvalidValue at ``(i, ...)``."""
    rows = []
    for index, message in enumerate(messages):
        try:
            rows.append(_build(message))
        except InvalidValue as error:
            raise error.within(index) from error
    return rows


def place(rows: Sequence[Message], session: Session, start: int) -> None:
    """Give built messages their session, and its positions from ``start`` on."""
    for offset, row in enumerate(rows):
        belong(row, "session", session)
        row.position = start + offset


def _check_runs(session: Session, messages: Sequence[NewMessage]) -> tuple[bool, bool]:
    """Whether any message joins a run, and a hidden one. Raises RunNotFound for one that the session does not have."""
    wanted = {message.run.pk: message.run for message in messages if message.run is not None}
    if not wanted:
        return False, False
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, pk__in=wanted)
    known = dict(runs.values_list("pk", "redacted_at"))
    for missing in wanted.keys() - known.keys():
        raise RunNotFound(wanted[missing].run_id)
    return True, any(known.values())


def _build(message: NewMessage) -> Message:
    format_ = formats.get(message.format)
    format_.check(message.payload)
    jsontext.dumps(message.payload)
    reading = format_.read(message.payload)
    row = new_row(
        Message,
        payload=message.payload,
        format=message.format,
        role=storable(reading.role),
        from_history=reading.from_history,
        input_tokens=reading.usage.input_tokens,
        output_tokens=reading.usage.output_tokens,
        total_tokens=reading.usage.total_tokens,
        created_at=message.created_at or reading.created_at or timezone.now(),
        **ready.columns(message.payload, message.format, reading),
    )
    if message.run is not None:
        row.run = message.run
    return row
