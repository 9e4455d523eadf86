"""Runs whose writer sends them whole, again and again, while they go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from django.utils import timezone

from sessions_app import jsontext
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import redaction, rollups
from sessions_app.services.messages import READ_FROM_PAYLOAD, NewMessage
from sessions_app.services.runfields import RunFields, set_fields, set_usage, usage_of
from sessions_app.services.runs import build_rows, insert_messages, lock_session_and_refresh, newest
from sessions_app.transactions import atomic_write

_COLUMNS = (*READ_FROM_PAYLOAD, "created_at", "redacted_at", "original")


@atomic_write
def rewrite_run(*, run: RunMetadata, messages: Sequence[NewMessage], **fields: Unpack[RunFields]) -> RunMetadata:
    """Change the given fields of a run, and its messages to exactly these. Raises RunNotFound, and as ``record_run``.

    The run keeps its position, and so does each message that there was; more of them go to the session's end. What
    somebody hid stays hidden, though a writer that still remembers it sends it again. Without ``usage`` the messages'
    own token counts are added up.
    """
    rows = build_rows(messages)
    session = lock_session_and_refresh(run)
    before, was_error = run.usage, run.is_error
    usage = fields.pop("usage", None)
    stored = list(Message.objects.using(session._state.db).filter(run=run).in_order())
    # Not asked of the whole session each time: no write may cost more the longer a session is.
    may_repeat = any(row.original is not None for row in (run, *stored)) or any(row.from_history for row in rows)
    set_fields(run, _unless_hidden(run, fields))
    set_usage(run, usage if usage is not None else usage_of(rows))
    run.updated_at = fields.get("updated_at") or timezone.now()
    run.save()
    new, gone = _rewrite_messages(session, run, stored, rows)
    added = {name: getattr(run, name) - before[name] for name in TOKEN_FIELDS}
    added |= {"error_count": run.is_error - was_error, "message_seq": new, "message_count": new - gone}
    rollups.apply(session, added=added, changed=newest(session, run) | rollups.reopening(session))
    if may_repeat:
        redaction.rehide(session=session)
        run.refresh_from_db()
    return run


def _unless_hidden(run: RunMetadata, fields: RunFields) -> RunFields:
    """The fields without those whose hidden words are sent back as they are shown; new words lose the old original."""
    if run.original is None:
        return fields
    shown = {column for column in run.original if _is_equal(fields.get(column), getattr(run, column))}
    said: RunFields = {column: value for column, value in fields.items() if column not in shown}  # type: ignore[assignment]
    run.original = {column: value for column, value in run.original.items() if column not in said}
    return said


def _rewrite_messages(
    session: Session, run: RunMetadata, stored: Sequence[Message], rows: Sequence[Message]
) -> tuple[int, int]:
    """Make the run's stored messages say what ``rows`` say; how many were added, and how many have gone."""
    messages = Message.objects.using(session._state.db).filter(run=run)
    hidden = {_name_of(row, index): row for index, row in enumerate(stored) if row.is_redacted}
    for index, new in enumerate(rows):
        if kept := hidden.get(_name_of(new, index)):
            _copy(kept, new)
    changed = [(old, new) for old, new in zip(stored, rows, strict=False) if not _is_same(old, new)]
    for old, new in changed:
        _copy(new, old)
    messages.bulk_update([old for old, _ in changed], _COLUMNS)
    gone = [row.pk for row in stored[len(rows) :]]
    if gone:
        messages.filter(pk__in=gone).delete()
    insert_messages(rows[len(stored) :], session, run, start=session.message_seq)
    return len(rows[len(stored) :]), len(gone)


def _name_of(message: Message, index: int) -> object:
    """What a message is known by when its writer sends it again: its own id, or its place in the run."""
    said = message.unredacted
    name = said.get("id") if isinstance(said, dict) else None
    return name if isinstance(name, str) and name else index


def _copy(source: Message, target: Message) -> None:
    for column in _COLUMNS:
        setattr(target, column, getattr(source, column))


def _is_same(old: Message, new: Message) -> bool:
    if (old.format, old.redacted_at) != (new.format, new.redacted_at):
        return False
    return any(_is_equal(said, new.payload) for said in (old.payload, old.original))


def _is_equal(one: Any, other: Any) -> bool:
    return jsontext.dumps(one) == jsontext.dumps(other)
