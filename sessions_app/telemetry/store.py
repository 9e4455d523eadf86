"""Spans into the store, each once however often it is sent.

The spans of a trace are kept (``models.Span``), and with every new one its runs are derived anew from all of them under
the trace's lock: what is stored is then changed to what was derived. Each trace is one transaction, so that nothing is
half written, and a trace that cannot be stored leaves the others be.

What comes in order costs the same in a short and a long session: runs are appended, and only the ``REMEMBERED`` runs
before them are asked what was said. What comes late (``order``) costs more.

Words that people have hidden stay hidden: what comes to a hidden run is hidden too, and messages are not put into
another order from a hidden one on. What comes late was said before they were hidden, and is hidden where it says them.
A trace that would give up a run with hidden words for another is not derived anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef

from sessions_app import services
from sessions_app.exceptions import InvalidValue, SessionNotFound
from sessions_app.models import Message, Project, RunMetadata, Session, Span, Trace
from sessions_app.services import rollups
from sessions_app.telemetry import order
from sessions_app.telemetry.content import messages_of
from sessions_app.telemetry.history import marks_of
from sessions_app.telemetry.runs import TracedRun, runs_of
from sessions_app.telemetry.spans import Span as SentSpan
from sessions_app.transactions import atomic_write

MAX_SPANS = 5000
"""Spans of one trace: all of them are read when one more comes."""


def store_spans(*, project: Project, spans: Iterable[SentSpan], user_id: str = "") -> tuple[int, str]:
    """Store spans of any traces: ``(rejected, why)``, how many could not be stored and why, in one sentence.

    With ``user_id`` all sessions are this user's: spans of another's conversation are rejected.
    """
    sent, problems = list(spans), list[tuple[int, str]]()
    known = sorted(_named(sent, problems), key=lambda span: span.trace_id)
    for trace_id, group in groupby(known, key=lambda span: span.trace_id):
        pieces = list(group)
        try:
            _store_trace(project=project, trace_id=trace_id, spans=pieces, user_id=user_id)
        except InvalidValue as error:
            problems.append((len(pieces), error.message))
        except SessionNotFound:
            problems.append((len(pieces), "The conversation is another user's"))
    return sum(count for count, _ in problems), "; ".join(dict.fromkeys(message for _, message in problems))


def _named(spans: list[SentSpan], problems: list[tuple[int, str]]) -> Iterator[SentSpan]:
    """The spans that say something of a run or link those that do, without those that cannot be stored."""
    for span in spans:
        try:
            span.check()
        except InvalidValue as error:
            problems.append((1, f"{'.'.join(map(str, error.location))}: {error.message}".removeprefix(": ")))
        else:
            if span.operation or span.is_link:
                yield span


@atomic_write
def _store_trace(*, project: Project, trace_id: str, spans: list[SentSpan], user_id: str) -> None:
    using = project._state.db or DEFAULT_DB_ALIAS
    traces = Trace.objects.using(using)
    trace, _ = traces.get_or_create(project=project, trace_id=trace_id, user_id=user_id)
    trace = traces.select_for_update().get(pk=trace.pk)
    rows = Span.objects.using(using).filter(trace=trace)
    stored = list(rows)
    known = {row.span_id for row in stored}
    new = [span for span in {span.span_id: span for span in reversed(spans)}.values() if span.span_id not in known]
    if not new:
        return
    if len(known) + len(new) > MAX_SPANS:
        raise InvalidValue(f"A trace can have {MAX_SPANS} spans")
    Span.objects.using(using).bulk_create([_row(trace, span) for span in new])
    derived = runs_of([*(_sent(trace, row) for row in stored), *new])
    given_up = _given_up(trace, {row.run_id for row in stored} - {None}, derived)
    if any(_is_hidden(run) for run in given_up):
        return
    for run in given_up:
        rows.filter(run=run).update(run=None)
        services.delete_run(run=run)
    for session_id, group in groupby(sorted(derived, key=lambda run: run.session_id), key=lambda run: run.session_id):
        _store_session(trace, session_id, list(group), user_id)
    _drop_empty(project, trace_id, given_up)


def _row(trace: Trace, span: SentSpan) -> Span:
    """A span as it is kept; of one that is only a link, no more than that."""
    row = Span(trace=trace, span_id=span.span_id, parent_span_id=span.parent_id[:16])
    if span.operation:
        row.body, row.marks = span.body(), marks_of(*messages_of(span))
    return row


def _sent(trace: Trace, row: Span) -> SentSpan:
    if row.body is None:
        return SentSpan(trace.trace_id, row.span_id, row.parent_span_id, "", 0, 0, 0, 0, "", {})
    return SentSpan(**row.body)


def _given_up(trace: Trace, stored: set[Any], derived: list[TracedRun]) -> list[RunMetadata]:
    """Runs of this trace that no span makes any more, since what came later put them elsewhere.

    One that somebody has moved to another project or user is out of the trace's reach.
    """
    wanted = {(run.session_id, run.run_id) for run in derived}
    runs = RunMetadata.objects.using(trace._state.db).filter(pk__in=stored, session__project=trace.project_id)
    if trace.user_id:
        runs = runs.filter(session__user_id=trace.user_id)
    runs = runs.select_related("session")
    return [run for run in runs if (run.session.session_id, run.run_id) not in wanted]


def _drop_empty(project: Project, trace_id: str, given_up: list[RunMetadata]) -> None:
    """Delete the session that stood for the trace until its conversation was known, where nothing is left in it."""
    if any(run.session.session_id == trace_id for run in given_up):
        sessions = Session.objects.using(project._state.db).filter(project=project, session_id=trace_id)
        services.delete_sessions(sessions=sessions.filter(message_count=0, run_count=0))


def _store_session(trace: Trace, session_id: str, derived: list[TracedRun], user_id: str) -> None:
    """Bring the runs of a trace that lie in one session to what was derived."""
    user = user_id or next((run.user for run in derived if run.user), None)
    began = min(run.head.started_at for run in derived)
    session, _ = services.get_or_create_session(
        project=trace.project, session_id=session_id, user_id=user, created_at=began
    )
    if user_id and session.user_id != user_id:
        raise SessionNotFound(session_id)
    rollups.lock(session)
    changed = [run for run in derived if _store_run(session, trace, run)]
    if changed:
        since = changed[0].order
        if order.is_late(session, since):
            _tell_later_runs(session, trace, since)
            order.put_in_order(session, since)
            services.rehide(session=session)
        _describe(session, user, began)


def _tell_later_runs(session: Session, trace: Trace, since: order.Order) -> None:
    """Take out of the runs behind a late one what they had to repeat while it was not there."""
    spans = Span.objects.using(session._state.db).exclude(trace=trace).select_related("trace")
    later = order.runs_after(session, since).filter(Exists(spans.filter(run=OuterRef("pk"))))
    for run in later.order_by("created_at", "run_id")[: order.REMEMBERED]:
        origin = spans.filter(run=run)[0].trace
        pieces = [_sent(origin, row) for row in spans.filter(trace=origin)]
        derived = next((each for each in runs_of(pieces) if each.run_id == run.run_id), None)
        if derived is not None:
            messages = derived.messages(order.memory_before(session, derived.order))
            change_run(run, messages, derived.fields() | {"user_id": run.user_id})


def _store_run(session: Session, trace: Trace, derived: TracedRun) -> bool:
    """Whether anything of the run changed."""
    using = session._state.db
    run = RunMetadata.objects.using(using).filter(session=session, run_id=derived.run_id).order_by().first()
    fields, messages = derived.fields(), derived.messages(order.memory_before(session, derived.order))
    if trace.user_id:
        fields["user_id"] = trace.user_id
    agent = derived.agent
    fields["agent"] = services.ensure_agent(project=trace.project, **agent) if agent else None
    if run is None:
        run, is_changed = services.record_run(session=session, run_id=derived.run_id, messages=messages, **fields)
    else:
        is_changed = change_run(run, messages, fields)
    pieces = Span.objects.using(using).filter(trace=trace, span_id__in=[span.span_id for span in derived.spans])
    pieces.exclude(run=run).update(run=run)
    return is_changed


def change_run(run: RunMetadata, messages: list[services.NewMessage], fields: dict[str, Any]) -> bool:
    """Make a stored run say this, and nothing twice; whether anything changed. What is hidden stays hidden."""
    rows = list(Message.objects.using(run._state.db).filter(run=run).in_order())
    pairs = enumerate(zip(rows, messages, strict=False))
    same = next((i for i, (row, new) in pairs if row.unredacted != new.payload), min(len(rows), len(messages)))
    gone, added = rows[same:], messages[same:]
    if any(row.original is not None for row in gone):
        gone, added = [], []
    said = run.unredacted
    given = {
        key: value for key, value in fields.items() if key != "usage" and said.get(key, getattr(run, key)) != value
    }
    if any(getattr(run, name) != count for name, count in fields["usage"].items()):
        given["usage"] = fields["usage"]
    moved = _set_times(rows[:same], messages)
    if not (gone or added or given or moved):
        return False
    Message.objects.using(run._state.db).bulk_update(moved, ["created_at"])
    Message.objects.using(run._state.db).filter(pk__in=[row.pk for row in gone]).delete()
    services.update_run(run=run, messages=added, **({"updated_at": run.updated_at} | given))
    if gone:
        rollups.recount(run.session)
    return True


def _is_hidden(run: RunMetadata) -> bool:
    """Whether somebody has hidden words of this run."""
    rows = Message.objects.using(run._state.db).filter(run=run)
    return run.original is not None or run.is_redacted or rows.exclude(redacted_at=None, original=None).exists()


def _set_times(rows: list[Message], messages: list[services.NewMessage]) -> list[Message]:
    """The rows that were said at another time than was known when they came, with that time."""
    moved = []
    for row, new in zip(rows, messages, strict=False):
        if new.created_at is not None and row.created_at != new.created_at:
            row.created_at = new.created_at
            moved.append(row)
    return moved


def _describe(session: Session, user: str | None, began: Any) -> None:
    """What the session takes from its runs: whose it is where nobody said, when it began, and which agent's it is."""
    rows = Session.objects.using(session._state.db).filter(pk=session.pk)
    stored = rows.get()
    values: dict[str, Any] = {"created_at": began} if began < stored.created_at else {}
    if stored.user_id is None and user:
        values["user_id"] = user
    first = stored.runs.using(rows.db).filter(parent_run_id=None).in_order().select_related("agent").first()
    is_ours = first is not None and Span.objects.using(rows.db).filter(run=first).exists()
    if first and first.agent and first.agent != stored.agent and (is_ours or stored.agent is None):
        values |= {"agent": first.agent, "type": first.agent.type}
    if values:
        rows.update(**values)
        if "type" in values and values["type"] != stored.type:
            rollups.recount(rows.get())
