"""Runs: one turn with its messages and its cost, stored once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from sessions_app import statements
from sessions_app.exceptions import InvalidValue, RunNotFound
from sessions_app.families import Family
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.prepared import Prepared
from sessions_app.querysets import RunQuerySet
from sessions_app.services import redaction, rollups
from sessions_app.services.messages import NewMessage, build_messages, place
from sessions_app.services.runfields import (
    MAX_POSITION,
    RunFields,
    check_count,
    outdated_totals,
    set_fields,
    set_usage,
    usage_of,
)
from sessions_app.statements import belong, new_row
from sessions_app.text import check_identifier
from sessions_app.transactions import atomic_write


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

    A run id that the session has already changes nothing, where all that comes with it is valid, and gives the stored
    run: ``(run, False)``. Without ``usage`` the messages' own token counts are added up. A free ``position`` puts the
    run there among the runs; its messages still go to the end. ``is_locked`` says that ``session`` comes from
    ``rollups.lock`` in this transaction, and is not read again. Raises InvalidValue, for a message at
    ``("messages", i)``.
    """
    check_identifier(run_id, "run_id")
    if position is not None:
        check_count(position, "position", MAX_POSITION)
    rows = build_rows(messages)
    locked = session if is_locked else rollups.lock(session)
    using = locked._state.db or DEFAULT_DB_ALIAS
    run = build_run(locked, run_id, _free_position(locked, position), fields, rows)
    place(rows, locked, locked.message_seq)
    is_last = run.position >= locked.run_seq
    if not _family(locked, run, rows, is_last).insert(unless=("session_id", "run_id")):
        [stored] = _with_id(locked.pk, run_id, using=using)
        stored.session = locked
        return stored, False
    run.new_messages = rows
    if not is_last:
        statements.update(locked, added={}, changed=newest(locked, run) | rollups.reopening(locked))
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
        set_usage(run, {**before, **outdated_totals(usage), **usage})
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


def _family(session: Session, run: RunMetadata, rows: Sequence[Message], is_last: bool) -> Family:
    """A new run with its messages, and what they change of their session."""
    changed = rollups.opening(session, rows, run) | {"last_run_status": run.status} if is_last else {}
    return Family(
        run,
        rows,
        by="run",
        owner=session,
        added=rollups.sums(_counts(session, run, len(rows))),
        changed=rollups.columns(changed),
        pointing=("last_finished_run",) if is_last and run.is_finished else (),
    )


def _free_position(session: Session, wanted: int | None) -> int:
    """The wanted position where it is free, else the one behind all runs that there ever were."""
    if wanted is None:
        return session.run_seq
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, position=wanted)
    return session.run_seq if wanted < session.run_seq and runs.exists() else wanted


def _counts(session: Session, run: RunMetadata, messages: int) -> dict[str, int]:
    """What a new run with so many messages adds to its session's columns."""
    return {
        "run_seq": max(run.position + 1 - session.run_seq, 0),
        "run_count": 1,
        "error_count": int(run.is_error),
        "message_seq": messages,
        "message_count": messages,
        **run.usage,
    }


@Prepared
def _with_id(using: str, session: int, run_id: str) -> RunQuerySet:
    return RunMetadata.objects.using(using).filter(session=session, run_id=run_id).select_related("agent").order_by()


def build_run(
    session: Session, run_id: str, position: int, fields: RunFields, messages: Sequence[Message]
) -> RunMetadata:
    """The row of a new run. Without ``usage`` it costs what its ``messages`` cost. Raises InvalidValue."""
    given = fields.copy()
    usage = given.pop("usage", None)
    run = new_row(RunMetadata, run_id=run_id, position=position)
    belong(run, "session", session)
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


def insert_messages(rows: Sequence[Message], session: Session, run: RunMetadata, *, start: int) -> None:
    """Add built messages to a run, at the session's positions from ``start`` on."""
    place(rows, session, start)
    for row in rows:
        belong(row, "run", run)
    statements.insert(rows, using=session._state.db or DEFAULT_DB_ALIAS)


def newest(session: Session, run: RunMetadata) -> dict[str, Any]:
    """The session's last-run columns, after ``run`` changed."""
    runs = RunMetadata.objects.using(run._state.db).filter(session=session).order_by("-position")
    changed: dict[str, Any] = {"last_finished_run": runs.finished().first()}
    if not runs.filter(position__gt=run.position).exists():
        changed["last_run_status"] = run.status
    return changed
