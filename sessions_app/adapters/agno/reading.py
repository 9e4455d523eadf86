"""Rows of sessions and runs out of our tables, in a number of queries that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agno.db.utils import HISTORY_SKIP_STATUSES

from sessions_app.adapters.agno.objects import Row
from sessions_app.mappings.agno.runs import run_row
from sessions_app.mappings.agno.sessions import session_row
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.querysets import RunQuerySet

CHUNK = 500
"""Rows that one query asks for by their keys: SQLite takes a limited number of parameters."""


def rows_with_runs(sessions: Sequence[Session]) -> list[Row]:
    """The rows of sessions, each with its ``runs`` as dicts, in order."""
    rows = {session.pk: {**session_row(session), "runs": []} for session in sessions}
    for chunk in _chunks(list(sessions)):
        runs = RunMetadata.objects.using(chunk[0]._state.db).filter(session__in=[each.pk for each in chunk])
        known = {session.pk: session for session in chunk}
        for run, row in _with_rows(list(runs.select_related("agent").order_by("session", "position")), known):
            rows[run.session_id]["runs"].append(row["run_data"])
    return list(rows.values())


def row_with_latest_runs(session: Session, limit: int) -> Row:
    """The row of a session with the latest of those runs that a model's context is made of, oldest first."""
    runs = RunMetadata.objects.using(session._state.db).filter(session=session, parent_run_id=None)
    latest = runs.exclude(status__in=HISTORY_SKIP_STATUSES).select_related("agent").order_by("-position")[:limit]
    ordered = list(reversed(latest))
    return {**session_row(session), "runs": [row["run_data"] for _, row in _with_rows(ordered, {session.pk: session})]}


def run_rows(runs: RunQuerySet) -> list[Row]:
    """The rows of runs, in the order that they are in."""
    found = list(runs.select_related("agent", "session", "session__agent"))
    return [row for _, row in _with_rows(found, {run.session_id: run.session for run in found})]


def named_row(session: Session) -> Row:
    """The row of a session with, instead of its runs, one that says just what AgentOS makes a name of."""
    row = {**session_row(session), "runs": []}
    if session.type == Session.Type.WORKFLOW:
        row["runs"] = [{"input": session.opening}] if session.run_count else []
    elif session.opening:
        row["runs"] = [{"messages": [{"role": "user", "content": session.opening}]}]
    return row


def _with_rows(runs: list[RunMetadata], sessions: dict[Any, Session]) -> Iterable[tuple[RunMetadata, Row]]:
    for chunk in _chunks(runs):
        messages = Message.objects.using(chunk[0]._state.db).filter(run__in=[run.pk for run in chunk])
        said: dict[Any, list[Message]] = {run.pk: [] for run in chunk}
        for message in messages.order_by("run", "position"):
            said[message.run_id].append(message)
        for run in chunk:
            yield run, run_row(run, said[run.pk], sessions[run.session_id])


def _chunks(rows: list[Any]) -> Iterable[list[Any]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
