"""Runs: one turn with its messages and its cost, stored once however often it is sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.utils import timezone

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue, RunNotFound
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import rollups
from sessions_app.services.messages import NewMessage, build_messages
from sessions_app.services.rollups import MESSAGE_TOKEN_FIELDS
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_choice, check_identifier, check_text
from sessions_app.transactions import atomic_write

MAX_TURNS = 2**31 - 1


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
    *, session: Session, run_id: str, messages: Sequence[NewMessage] = (), **fields: Unpack[RunFields]
) -> tuple[RunMetadata, bool]:
    """Store a run with its messages at the end of the session; ``(run, True)``.

    A run id that the session has already changes nothing and gives the stored run: ``(run, False)``. Without
    ``usage`` the messages' own token counts are added up. Raises InvalidValue, for a message at ``("messages", i)``.
    """
    check_identifier(run_id, "run_id")
    rows = _build_rows(messages)
    locked = rollups.lock(session)
    runs = RunMetadata.objects.using(session._state.db).filter(session=session)
    if stored := runs.filter(run_id=run_id).order_by().first():
        return stored, False
    usage = fields.pop("usage", None)
    run = RunMetadata(session=session, run_id=run_id, position=locked.run_seq)
    _set(run, fields)
    _set_usage(run, usage if usage is not None else _usage_of(rows))
    run.created_at = fields.get("created_at") or timezone.now()
    run.updated_at = fields.get("updated_at") or run.created_at
    run.save(using=session._state.db, force_insert=True)
    _insert(rows, session, run, start=locked.message_seq)
    added = {
        "run_seq": 1,
        "run_count": 1,
        "error_count": int(run.is_error),
        "message_seq": len(rows),
        "message_count": len(rows),
        **run.usage,
    }
    changed = rollups.opening(session, rows, run) | {"last_run_status": run.status}
    if run.is_finished:
        changed["last_finished_run"] = run
    rollups.apply(session, added=added, changed=changed)
    return run, True


@atomic_write
def update_run(*, run: RunMetadata, messages: Sequence[NewMessage] = (), **fields: Unpack[RunFields]) -> RunMetadata:
    """Change the given fields of a run, and append ``messages`` to it. Raises RunNotFound, and as ``record_run``."""
    rows = _build_rows(messages)
    session = rollups.lock_session_of(run)
    try:
        run.refresh_from_db()
    except RunMetadata.DoesNotExist as error:
        raise RunNotFound(run.run_id) from error
    before, was_error = run.usage, run.is_error
    usage = fields.pop("usage", None)
    _set(run, fields)
    if usage is not None:
        _set_usage(run, {**before, **_outdated_totals(usage), **usage})
    elif rows:
        _set_usage(run, rollups.add_usage(before, _usage_of(rows)))
    run.updated_at = fields.get("updated_at") or timezone.now()
    run.save()
    _insert(rows, session, run, start=session.message_seq)
    added = {name: getattr(run, name) - before[name] for name in TOKEN_FIELDS}
    added |= {"error_count": run.is_error - was_error, "message_seq": len(rows), "message_count": len(rows)}
    changed = _newest(session, run)
    if rows or {"input", "parent_run_id"} & fields.keys():
        changed |= rollups.reopening(session)
    rollups.apply(session, added=added, changed=changed)
    return run


@atomic_write
def delete_run(*, run: RunMetadata) -> None:
    """Delete a run and its messages. Runs that it started stay."""
    session = rollups.lock_session_of(run)
    Message.objects.using(session._state.db).filter(run=run).delete()
    RunMetadata.objects.using(session._state.db).filter(pk=run.pk).delete()
    rollups.recount(session)


def _build_rows(messages: Sequence[NewMessage]) -> list[Message]:
    try:
        return build_messages(messages)
    except InvalidValue as error:
        raise error.within("messages") from error


def _set(run: RunMetadata, fields: RunFields) -> None:
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
    check_choice(value, column, RunMetadata.Status.values)


def _check_duration(value: float, column: str) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InvalidValue("Must be a finite number, 0 or above", location=(column,), code="finite_number")


def _check_turns(value: int, column: str) -> None:
    _check_count(value, column, MAX_TURNS)


def _check_count(value: int, column: str, limit: int) -> None:
    if type(value) is not int or not 0 <= value <= limit:
        raise InvalidValue(f"Must be a whole number from 0 to {limit}", location=(column,), code="int_range")


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


def _set_usage(run: RunMetadata, usage: Mapping[str, int]) -> None:
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


def _usage_of(rows: Sequence[Message]) -> dict[str, int]:
    said = [row for row in rows if not row.from_history]
    return {name: sum(getattr(row, name) for row in said) for name in MESSAGE_TOKEN_FIELDS}


def _insert(rows: list[Message], session: Session, run: RunMetadata, *, start: int) -> None:
    for offset, row in enumerate(rows):
        row.session, row.run, row.position = session, run, start + offset
    Message.objects.using(session._state.db).bulk_create(rows)


def _newest(session: Session, run: RunMetadata) -> dict[str, Any]:
    """The session's last-run columns, after ``run`` changed."""
    runs = RunMetadata.objects.using(run._state.db).filter(session=session).order_by("-position")
    changed: dict[str, Any] = {"last_finished_run": runs.finished().first()}
    if not runs.filter(position__gt=run.position).exists():
        changed["last_run_status"] = run.status
    return changed
