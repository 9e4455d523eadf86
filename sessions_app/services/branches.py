"""Branches: a session that goes another way from one of its messages on."""

from __future__ import annotations

from typing import Any, Unpack

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS, TOKEN_FIELDS
from sessions_app.services import redaction, rollups
from sessions_app.services.sessions import SessionFields, create_session
from sessions_app.transactions import atomic_write

CHUNK = 1000
"""Messages copied at once."""
_INHERITED = ("agent", "user_id", "name", "metadata", "index_ids", "shared_access", "details")
_LATEST = ("state", "summary")
"""What tells of the session's end, so that a branch from an earlier message cannot have it."""
_OUTCOME: dict[str, Any] = {
    "content": None,
    "duration_ms": None,
    "is_error": False,
    "error": None,
    "export_config_ids": None,
    "details": None,
}


@atomic_write
def branch_session(
    *, session: Session, position: int, session_id: str | None = None, **fields: Unpack[SessionFields]
) -> Session:
    """A new session that holds ``session``'s messages up to and with ``position``: copies, with their runs.

    It belongs to the same project. What ``fields`` do not say it has from ``session``, but for state and summary
    where messages follow the branching one: those tell of a later moment. Messages and runs keep their positions and
    times, runs their ids. A run that goes on behind ``position`` is copied as far as it is shared: without its outcome
    (content, duration, error, details), with the tokens and turns of the shared messages alone, and as cancelled. So
    is a run that has not ended yet, for nobody will end it here.

    Raises SessionNotFound, MessageNotFound, SessionExists, InvalidValue.
    """
    parent = rollups.lock(session)
    messages = Message.objects.using(session._state.db).filter(session=parent)
    messages.at(position)
    is_whole = not messages.filter(position__gt=position).exists()
    given: dict[str, Any] = {name: getattr(parent, name) for name in (*_INHERITED, *(_LATEST if is_whole else ()))}
    given |= {"tags": list(parent.tags.values_list("name", flat=True)), **fields}
    given |= {"parent": parent, "branched_at": position}
    branch = create_session(project=parent.project, session_id=session_id, type=parent.type, **given)
    runs = _copy_runs(parent, branch, position, is_whole=is_whole)
    _copy_messages(parent, branch, position, runs)
    last = branch.runs.aggregate(position=Max("position"))["position"]
    next_run = 0 if last is None else last + 1
    rollups.apply(branch, added={}, changed={"message_seq": position + 1, "run_seq": next_run})
    if not is_whole:
        _forget_unshared(parent, branch, position)
    rollups.recount(branch)
    return Session.objects.using(session._state.db).for_reading().get(pk=branch.pk)


def _copy_runs(parent: Session, branch: Session, position: int, *, is_whole: bool) -> dict[int, int]:
    """Copy the runs that have shared messages, and those without messages before them: old keys to new ones."""
    using = parent._state.db
    of_run = Message.objects.using(using).filter(run=OuterRef("pk"))
    shared, beyond = Exists(of_run.filter(position__lte=position)), Exists(of_run.filter(position__gt=position))
    originals = RunMetadata.objects.using(using).filter(session=parent)
    if not is_whole:
        last = originals.filter(shared).order_by("-position").first()
        originals = originals.filter(shared | ~beyond, position__lte=last.position if last else -1)
    cut = set(originals.filter(beyond).values_list("pk", flat=True))
    said = _said_of(using, cut, position)
    keys, copies = {}, []
    for run in originals.in_order():
        keys[run.position] = run.pk
        _end(run, said.get(run.pk, {}), is_cut=run.pk in cut)
        run.pk, run.session = None, branch
        copies.append(run)
    RunMetadata.objects.using(using).bulk_create(copies, batch_size=CHUNK)
    copied = RunMetadata.objects.using(using).filter(session=branch).values_list("position", "pk")
    return {keys[place]: key for place, key in copied}


def _said_of(using: str | None, runs: set[int], position: int) -> dict[int, dict[str, int]]:
    """The tokens and turns of the messages up to ``position``, by run."""
    messages = Message.objects.using(using).filter(run__in=runs, position__lte=position).said()
    sums: dict[str, Any] = {name: Sum(name) for name in MESSAGE_TOKEN_FIELDS}
    sums["turns"] = Count("pk", filter=Q(role="assistant"))
    rows: Any = messages.order_by().values("run").annotate(**sums)
    return {row.pop("run"): row for row in rows}


def _end(run: RunMetadata, said: dict[str, int], *, is_cut: bool) -> None:
    if is_cut:
        values = {**dict.fromkeys(TOKEN_FIELDS, 0), "turns": 0, **_OUTCOME, **said}
        for column, value in values.items():
            setattr(run, column, value)
        if run.original is not None:
            run.original = {column: value for column, value in run.original.items() if column not in _OUTCOME}
    if is_cut or not run.is_finished:
        run.status = RunMetadata.Status.CANCELLED


def _forget_unshared(parent: Session, branch: Session, position: int) -> None:
    """Words that are hidden behind ``position`` alone: in the branch nothing is left that could show them again."""
    using = parent._state.db
    hidden = {"session": parent, "redacted_at__isnull": False}
    messages = Message.objects.using(using).filter(position__gt=position, **hidden)
    shared = branch.runs.values_list("run_id", flat=True)
    runs = RunMetadata.objects.using(using).filter(**hidden).exclude(run_id__in=list(shared))
    if words := redaction.words_of(messages, runs):
        redaction.forget(branch, words)


def _copy_messages(parent: Session, branch: Session, position: int, runs: dict[int, int]) -> None:
    originals = Message.objects.using(parent._state.db).filter(session=parent, position__lte=position).in_order()
    start = 0
    while rows := list(originals.filter(position__gte=start)[:CHUNK]):
        start = rows[-1].position + 1
        for message in rows:
            message.run_id = runs[message.run_id] if message.run_id is not None else None
            message.pk, message.session = None, branch
        Message.objects.using(parent._state.db).bulk_create(rows)
