"""Runs: one turn with its messages and its cost, stored once however often it is sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from sessions_app import jsontext, statements
from sessions_app.exceptions import InvalidValue, RunNotFound
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.prepared import Prepared
from sessions_app.querysets import RunQuerySet
from sessions_app.services import redaction, rollups
from sessions_app.services.messages import NewMessage, build_messages
from sessions_app.services.rollups import MESSAGE_TOKEN_FIELDS
from sessions_app.statements import new_row
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_choice, check_identifier, check_text
from sessions_app.transactions import atomic_write

_STATUSES = tuple(RunMetadata.Status.values)
MAX_TURNS = 2**31 - 1
MAX_POSITION = 2**40


class RunFields(TypedDict, total=False):
    """What a run may say of itself. ``usage`` holds some of the nine token counts; the rest follow from it."""

    parent_run_id: str | None
    agent: Agent | None
    user_id: str | None
    status: str
    input: Any
    content: Any
    model_provider: str
    model_id: str
    usage: Mapping[str, int] | None
    duration_ms: float | None
    turns: int
    is_error: bool
    error: str | None
    export_config_ids: list[str] | None
    details: Any
    created_at: datetime
    updated_at: datetime


@atomic_write
def record_run(
    *,
    session: Session,
    run_id: str,
    messages: Sequence[NewMessage] = (),
    position: int | None = None,
    is_locked: bool = False,
    **fields: Unpack[RunFields],
) -> tuple[RunMetadata, bool]:
    """Store a run with its messages at the end of the session; ``(run, True)``.

    A run id that the session has already changes nothing and gives the stored run: ``(run, False)``. Without
    ``usage`` the messages' own token counts are added up. A free ``position`` puts the run there among the runs; its
    messages still go to the end. ``is_locked`` says that ``session`` comes from ``rollups.lock`` in this transaction,
    and is not read again. Raises InvalidValue, for a message at ``("messages", i)``.
    """
    check_identifier(run_id, "run_id")
    if position is not None:
        _check_count(position, "position", MAX_POSITION)
    rows = build_rows(messages)
    locked = session if is_locked else rollups.lock(session)
    using = locked._state.db or DEFAULT_DB_ALIAS
    if stored := _with_id(locked.pk, run_id, using=using):
        stored[0].session = locked
        return stored[0], False
    run = build_run(locked, run_id, _free_position(locked, position), fields, rows)
    statements.insert([run], using=using)
    insert_messages(rows, locked, run, start=locked.message_seq)
    run.new_messages = rows
    added = {
        "run_seq": max(run.position + 1 - locked.run_seq, 0),
        "run_count": 1,
        "error_count": int(run.is_error),
        "message_seq": len(rows),
        "message_count": len(rows),
        **run.usage,
    }
    if run.position < locked.run_seq:
        changed = newest(locked, run) | rollups.reopening(locked)
    else:
        changed = rollups.opening(locked, rows, run) | {"last_run_status": run.status}
        if run.is_finished:
            changed["last_finished_run"] = run
    rollups.apply(locked, added=added, changed=changed)
    return run, True


@atomic_write
def update_run(*, run: RunMetadata, messages: Sequence[NewMessage] = (), **fields: Unpack[RunFields]) -> RunMetadata:
    """Change the given fields of a run, and append ``messages`` to it. Raises RunNotFound, and as ``record_run``.

    What is hidden of the run stays hidden: new words in its place are kept as the original.
    """
    rows = build_rows(messages)
    session = lock_session_and_refresh(run)
    before, was_error = run.usage, run.is_error
    is_hidden = run.is_redacted or run.original is not None
    if run.original is not None:
        run.original = {column: value for column, value in run.original.items() if column not in fields}
    usage = fields.pop("usage", None)
    set_fields(run, fields)
    if usage is not None:
        set_usage(run, {**before, **_outdated_totals(usage), **usage})
    elif rows:
        set_usage(run, rollups.add_usage(before, usage_of(rows)))
    run.updated_at = fields.get("updated_at") or timezone.now()
    run.save()
    insert_messages(rows, session, run, start=session.message_seq)
    added = {name: getattr(run, name) - before[name] for name in TOKEN_FIELDS}
    added |= {"error_count": run.is_error - was_error, "message_seq": len(rows), "message_count": len(rows)}
    changed = newest(session, run)
    if rows or {"input", "parent_run_id"} & fields.keys():
        changed |= rollups.reopening(session)
    rollups.apply(session, added=added, changed=changed)
    if is_hidden:
        redaction.refresh(session)
        run.refresh_from_db()
    return run


@atomic_write
def delete_run(*, run: RunMetadata) -> None:
    """Delete a run and its messages. Runs that it started stay. Of hidden words goes also what was kept elsewhere."""
    session = rollups.lock_session_of(run)
    messages = Message.objects.using(session._state.db).filter(run=run)
    runs = RunMetadata.objects.using(session._state.db).filter(pk=run.pk)
    hidden = redaction.words_of(messages.filter(redacted_at__isnull=False), runs.filter(redacted_at__isnull=False))
    messages.delete()
    runs.delete()
    if hidden:
        redaction.forget(session, hidden)
    rollups.recount(session)


def lock_session_and_refresh(run: RunMetadata) -> Session:
    """The run's session, locked, and the run as it is now. Raises RunNotFound."""
    session = rollups.lock_session_of(run)
    try:
        run.refresh_from_db()
    except RunMetadata.DoesNotExist as error:
        raise RunNotFound(run.run_id) from error
    return session


def _free_position(session: Session, wanted: int | None) -> int:
    """The wanted position where it is free, else the one behind all runs that there ever were."""
    if wanted is None:
        return session.run_seq
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, position=wanted)
    return session.run_seq if wanted < session.run_seq and runs.exists() else wanted


@Prepared
def _with_id(using: str, session: int, run_id: str) -> RunQuerySet:
    return RunMetadata.objects.using(using).filter(session=session, run_id=run_id).order_by()


def build_run(
    session: Session, run_id: str, position: int, fields: RunFields, messages: Sequence[Message]
) -> RunMetadata:
    """The row of a new run. Without ``usage`` it costs what its ``messages`` cost. Raises InvalidValue."""
    given = fields.copy()
    usage = given.pop("usage", None)
    run = new_row(RunMetadata, run_id=run_id, position=position)
    run.session = session
    set_fields(run, given)
    set_usage(run, usage if usage is not None else usage_of(messages))
    run.created_at = given.get("created_at") or timezone.now()
    run.updated_at = given.get("updated_at") or run.created_at
    return run


def build_rows(messages: Sequence[NewMessage]) -> list[Message]:
    """Rows for a run's messages, without session, run and position. Raises InvalidValue at ``("messages", i)``."""
    try:
        return build_messages(messages)
    except InvalidValue as error:
        raise error.within("messages") from error


def set_fields(run: RunMetadata, fields: RunFields) -> None:
    """Set what a run says of itself. Raises InvalidValue."""
    for column, check in _CHECKS.items():
        if fields.get(column) is not None:
            check(fields[column], column)  # type: ignore[literal-required]
    for column, value in fields.items():
        setattr(run, column, value)
    if "is_error" not in fields and "status" in fields:
        run.is_error = run.status == RunMetadata.Status.ERROR


def _check_json(value: Any, column: str) -> None:
    try:
        jsontext.filterable(value) if column == "export_config_ids" else jsontext.dumps(value)
    except InvalidValue as error:
        raise error.within(column) from error


def _check_id(value: str, column: str) -> None:
    check_text(value, column, MAX_IDENTIFIER_LENGTH)


def _check_status(value: str, column: str) -> None:
    check_choice(value, column, _STATUSES)


def _check_duration(value: float, column: str) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InvalidValue(_("Must be a finite number, 0 or above"), location=(column,), code="finite_number")


def _check_turns(value: int, column: str) -> None:
    _check_count(value, column, MAX_TURNS)


def _check_count(value: int, column: str, limit: int) -> None:
    if type(value) is not int or not 0 <= value <= limit:
        message = _("Must be a whole number from 0 to %(limit)d")
        raise InvalidValue(message, params={"limit": limit}, location=(column,), code="int_range")


_CHECKS: dict[str, Callable[[Any, str], object]] = {
    "input": _check_json,
    "content": _check_json,
    "details": _check_json,
    "export_config_ids": _check_json,
    "user_id": _check_id,
    "parent_run_id": _check_id,
    "model_provider": _check_id,
    "model_id": _check_id,
    "error": check_text,
    "status": _check_status,
    "duration_ms": _check_duration,
    "turns": _check_turns,
}


def set_usage(run: RunMetadata, usage: Mapping[str, int]) -> None:
    """Set all nine token counts; totals that are not given are added up. Raises InvalidValue at ``("usage", name)``."""
    counts = {name: usage.get(name, 0) for name in TOKEN_FIELDS}
    _check_usage(counts)
    for kind in ("", "audio_"):
        parts = counts[f"{kind}input_tokens"] + counts[f"{kind}output_tokens"]
        counts[f"{kind}total_tokens"] = counts[f"{kind}total_tokens"] or parts
    _check_usage(counts)
    for name, value in counts.items():
        setattr(run, name, value)


def _check_usage(counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        try:
            _check_count(value, name, MAX_TOKENS)
        except InvalidValue as error:
            raise error.within("usage") from error


def _outdated_totals(usage: Mapping[str, int]) -> dict[str, int]:
    """Zeros for the totals whose summands ``usage`` changes, so that they are added up anew."""
    return {
        f"{kind}total_tokens": 0
        for kind in ("", "audio_")
        if {f"{kind}input_tokens", f"{kind}output_tokens"} & usage.keys()
    }


def usage_of(rows: Sequence[Message]) -> dict[str, int]:
    """What messages cost that were really said."""
    said = [row for row in rows if not row.from_history]
    return {name: sum(getattr(row, name) for row in said) for name in MESSAGE_TOKEN_FIELDS}


def insert_messages(rows: Sequence[Message], session: Session, run: RunMetadata, *, start: int) -> None:
    """Add built messages to a run, at the session's positions from ``start`` on."""
    for offset, row in enumerate(rows):
        row.session, row.run, row.position = session, run, start + offset
    statements.insert(rows, using=session._state.db or DEFAULT_DB_ALIAS)


def newest(session: Session, run: RunMetadata) -> dict[str, Any]:
    """The session's last-run columns, after ``run`` changed."""
    runs = RunMetadata.objects.using(run._state.db).filter(session=session).order_by("-position")
    changed: dict[str, Any] = {"last_finished_run": runs.finished().first()}
    if not runs.filter(position__gt=run.position).exists():
        changed["last_run_status"] = run.status
    return changed
