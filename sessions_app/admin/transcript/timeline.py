"""The runs of a session as a list of bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from sessions_app.admin import numbers
from sessions_app.admin.display import status_label
from sessions_app.admin.transcript.heads import failed
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.text import one_line
from sessions_app.models import RunMetadata

SIZE = 100
WIDTH = 100
_COLUMNS = ("run_id", "position", "status", "is_error", "duration_ms", "total_tokens", "created_at", "parent_run_id")


@dataclass(frozen=True, slots=True)
class Bar:
    """A run: where it is, how it went, and how long it took as a share of the longest."""

    url: str
    name: str
    status: SafeString | str
    colour: str
    duration: str
    tokens: int
    width: float
    is_error: bool
    is_member: bool
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Runs in order, the list that holds all of them, and the address of those behind them."""

    bars: list[Bar]
    list_url: str
    more_url: str = ""


def timeline_of(session_pk: int, links: Links, after: int = -1, longest: int = 0) -> Timeline:
    """The runs behind a position; ``longest`` is what the earlier ones were measured by, in milliseconds."""
    rows = RunMetadata.objects.filter(session=session_pk, position__gt=after).select_related("agent").in_order()
    runs = list(rows.only(*_COLUMNS, "agent__name", "agent__agent_id")[: SIZE + 1])
    shown = runs[:SIZE]
    measure = longest or max((run.duration_ms or 0 for run in shown), default=0)
    bars = [_bar(run, measure, links) for run in shown]
    if len(runs) <= SIZE:
        return Timeline(bars, links.runs)
    return Timeline(bars, links.runs, links.page("transcript_runs", after=shown[-1].position, longest=round(measure)))


def _bar(run: Any, measure: float, links: Links) -> Bar:
    return Bar(
        url=f"{links.transcript}?run={run.pk}#run-{run.position}",
        name=one_line(str(run.agent or run.run_id), 40),
        status=status_label(run.status),
        colour=run.status.lower(),
        duration="" if run.duration_ms is None else numbers.duration(run.duration_ms),
        tokens=run.total_tokens,
        width=round(min(WIDTH, max(1, WIDTH * (run.duration_ms or 0) / measure)), 1) if measure else 0,
        is_error=failed(run),
        is_member=bool(run.parent_run_id),
        anchor=f"run-{run.position}",
    )
