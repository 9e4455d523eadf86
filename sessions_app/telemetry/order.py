"""Runs of a session in the order in which they began, in whatever order they came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Min, Q

from sessions_app.models import Message, RunMetadata, Session, Span
from sessions_app.querysets import RunQuerySet
from sessions_app.services import rollups
from sessions_app.telemetry.history import Memory, learned

REMEMBERED = 20
"""Runs before a run that it is compared with: a conversation goes on from one of its last runs."""
Order = tuple[datetime, str]


def memory_before(session: Session, order: Order) -> Memory:
    """What was said in the runs before this place, by what their calls are known by."""
    using = session._state.db
    earlier = _runs(session).filter(Q(created_at__lt=order[0]) | Q(created_at=order[0], run_id__lt=order[1]))
    keys = list(earlier.order_by("-position").values_list("pk", flat=True)[:REMEMBERED])
    spans = Span.objects.using(using).filter(run__in=keys).exclude(marks=None)
    marks: Iterable[Any] = spans.values_list("marks", flat=True)
    return learned(marks)


def is_late(session: Session, since: Order) -> bool:
    """Whether a run that began here stands behind one that began later, or has another behind it."""
    first = _runs(session).get(created_at=since[0], run_id=since[1])
    before = _runs(session).filter(position__lt=first.position).order_by("-position").first()
    return (before is not None and _order(before) > since) or _runs(session).filter(
        position__gt=first.position
    ).exists()


def runs_after(session: Session, order: Order) -> RunQuerySet:
    return _runs(session).filter(Q(created_at__gt=order[0]) | Q(created_at=order[0], run_id__gt=order[1]))


def put_in_order(session: Session, since: Order) -> None:
    """Give the runs from ``since`` on, and their messages, positions in the order in which they began.

    This costs one statement a run that moves, and the session's rollups are counted anew.
    """
    runs = _runs(session).filter(Q(created_at__gt=since[0]) | Q(created_at=since[0], run_id__gte=since[1]))
    if _renumber(session, sorted(runs.only("pk", "created_at", "run_id", "position"), key=_order), since[0]):
        rollups.recount(rollups.lock(session))


def _order(run: RunMetadata) -> Order:
    return run.created_at, run.run_id


def _renumber(session: Session, runs: list[RunMetadata], since: datetime) -> bool:
    """Whether any run or message moved."""
    using = session._state.db
    locked = rollups.lock(session)
    next_run, next_message = locked.run_seq, locked.message_seq
    messages = Message.objects.using(using).filter(session=session)
    ends = (
        messages.filter(run__created_at__gte=since)
        .order_by()
        .values("run")
        .annotate(low=Min("position"), high=Max("position"))
    )
    places: dict[Any, tuple[int, int]] = {each["run"]: (each["low"], each["high"]) for each in ends}
    run_end = message_end = -1
    for run in runs:
        if run.position < run_end:
            _runs(session).filter(pk=run.pk).update(position=next_run)
            run.position, next_run = next_run, next_run + 1
        run_end = run.position
        low, high = places.get(run.pk, (message_end, message_end))
        if low < message_end:
            messages.filter(run=run).update(position=F("position") + (next_message - low))
            high, next_message = high + next_message - low, high + next_message - low + 1
        message_end = max(message_end, high)
    moved = {"run_seq": next_run, "message_seq": next_message}
    Session.objects.using(using).filter(pk=session.pk).update(**moved)
    return moved != {"run_seq": locked.run_seq, "message_seq": locked.message_seq}


def _runs(session: Session) -> RunQuerySet:
    return RunMetadata.objects.using(session._state.db).filter(session=session)
