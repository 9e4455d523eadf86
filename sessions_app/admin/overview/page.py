"""What the overview's template shows: panels with a chart each, rankings and runs, every number with its link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from sessions_app import costs
from sessions_app.admin import numbers
from sessions_app.admin.addresses import change_url, session_url
from sessions_app.admin.display import status_label
from sessions_app.admin.overview.charts import Chart, Datum, draw
from sessions_app.admin.overview.figures import Figures, Overview, Ranked
from sessions_app.admin.overview.links import ListLinks
from sessions_app.admin.overview.span import Span
from sessions_app.models import Agent, RunMetadata

Link = Callable[..., str]
NAMED_MODELS = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the numbers that the page follows."""

    name: str
    title: str
    value: Callable[[Figures], float | None]
    link: Link
    text: Callable[[float | None], str]
    """The number in full."""
    headline: Callable[[float | None], str]
    scale: numbers.Describe
    highest: float | None = None
    finest: float = 0
    """The end and the smallest step of its scale."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day and its names, in full and for an axis."""

    span: Span
    figures: Figures
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A measure's total, how it changed, and its chart."""

    measure: Measure
    headline: str
    text: str
    url: str
    change: str
    before: str
    is_worse: bool
    chart: Chart
    highest_day: str


class Page:
    """The overview of some figures."""

    def __init__(self, overview: Overview, *, agent: Agent | None = None, has_messages: bool = True) -> None:
        self.overview = overview
        self.agent = agent
        self.has_messages = has_messages
        self.links = ListLinks(overview)
        self.has_prices = costs.is_available()
        axis_format = pgettext("Django date format of days on an axis", "j M")
        self._days = [
            Day(Span(day, day), figures, date_format(day, "DATE_FORMAT"), date_format(day, axis_format))
            for day, figures in zip(overview.span.days, overview.days, strict=True)
        ]
        self.measures = list(self._measures())

    @property
    def is_empty(self) -> bool:
        total = self.overview.total
        return not (total.sessions or total.messages or total.runs)

    @property
    def panels(self) -> list[Panel]:
        return [self._panel(measure) for measure in self.measures]

    @property
    def titles(self) -> list[str]:
        return [measure.title for measure in self.measures]

    @property
    def days(self) -> Iterator[tuple[str, list[Cell]]]:
        """The table of all days, newest first."""
        for day in reversed(self._days):
            values = [(measure, measure.value(day.figures)) for measure in self.measures]
            yield day.name, [Cell(measure.text(value), measure.link(day.span)) for measure, value in values]

    @property
    def agents(self) -> list[dict[str, Any]]:
        rows = self.overview.by_agent
        return [self._ranked(row, rows, {"agent": row.key}, {"session__agent": row.key}) for row in rows]

    @property
    def users(self) -> list[dict[str, Any]]:
        rows = self.overview.by_user
        return [self._ranked(row, rows, {"user": row.key}, {"session__user_id": row.key}) for row in rows]

    @property
    def slowest(self) -> list[dict[str, Any]]:
        return [self._run(run) for run in self.overview.slowest]

    @property
    def costliest(self) -> list[dict[str, Any]]:
        return [self._run(run) for run in self.overview.costliest]

    @property
    def unpriced(self) -> list[str]:
        """The models without a known price, the busiest first."""
        nameless = _("no model")
        models = [
            f"{' '.join(filter(None, model)) or nameless} ({_runs(count)})"
            for model, count in self.overview.unpriced.items()
        ]
        rest = len(models) - NAMED_MODELS
        return [*models[:NAMED_MODELS], *([_("%(count)d more") % {"count": rest}] if rest > 0 else [])]

    @property
    def narrowed(self) -> list[dict[str, str]]:
        """The agent and the user whose figures these alone are, each with the address of everybody's."""
        named = ((_("Agent"), "agent", self.agent), (_("User"), "user", self.overview.user))
        return [
            {"kind": kind, "name": str(whose), "url": self.links.overview(**{name: None})}
            for kind, name, whose in named
            if whose is not None
        ]

    def _measures(self) -> Iterator[Measure]:
        links = self.links
        count = (_number(numbers.whole), _number(numbers.headline), numbers.compact, None, 1)
        sessions = pgettext("of agents", "Sessions")
        yield Measure("sessions", sessions, lambda figures: figures.sessions, links.sessions, *count)
        if self.has_messages:
            yield Measure("messages", _("Messages"), lambda figures: figures.messages, links.messages, *count)
        yield Measure("tokens", _("Tokens"), lambda figures: figures.tokens, links.runs, *count)
        yield Measure("runs", _("Runs"), lambda figures: figures.runs, links.runs, *count)
        rate = (numbers.percent, numbers.percent, numbers.percent)
        yield Measure("errors", _("Error rate"), lambda figures: figures.error_rate, links.errors, *rate, highest=1)
        if self.has_prices:
            money = (numbers.dollars, numbers.dollars, numbers.compact_dollars)
            yield Measure("cost", _("Cost"), lambda figures: figures.cost, links.runs, *money)

    def _panel(self, measure: Measure) -> Panel:
        total, before = measure.value(self.overview.total), measure.value(self.overview.before)
        data = [self._datum(measure, day) for day in self._days]
        is_rate = measure.name == "errors"
        highest = max(data, key=lambda datum: datum.value or 0)
        return Panel(
            measure=measure,
            headline=measure.headline(total),
            text=measure.text(total),
            url=measure.link(),
            change=numbers.points(total, before) if is_rate else numbers.change(total, before),
            before=measure.text(before),
            is_worse=is_rate and bool(before) and (total or 0) > (before or 0),
            chart=draw(data, measure.scale, highest=measure.highest, finest=measure.finest),
            highest_day=highest.title if highest.value else "",
        )

    def _datum(self, measure: Measure, day: Day) -> Datum:
        value = measure.value(day.figures)
        return Datum(value, day.short_name, f"{day.name}: {measure.text(value)}", measure.link(day.span))

    def _ranked(
        self, row: Ranked, rows: list[Ranked], of_sessions: dict[str, Any], of_runs: dict[str, Any]
    ) -> dict[str, Any]:
        figures, most = row.figures, max(row.figures.tokens for row in rows)
        return {
            "name": row.name,
            "overview": self.links.overview(**of_sessions),
            "sessions": Cell(numbers.whole(figures.sessions), self.links.sessions(**of_sessions)),
            "runs": Cell(numbers.whole(figures.runs), self.links.runs(**of_runs)),
            "tokens": Cell(numbers.headline(figures.tokens), self.links.runs(**of_runs)),
            "part": f"{figures.tokens / most * 100:.1f}%" if most else "0%",
            "errors": Cell(numbers.percent(figures.error_rate), self.links.errors(**of_runs)),
            "stands_out": (figures.error_rate or 0) > 2 * (self.overview.total.error_rate or 0),
            "cost": numbers.dollars(figures.cost),
        }

    def _run(self, run: RunMetadata) -> dict[str, Any]:
        return {
            "title": run.session.title or run.session.session_id,
            "transcript": session_url(run.session_id),
            "run_id": run.run_id,
            "url": change_url(RunMetadata, run.pk),
            "agent": run.session.agent,
            "user": run.session.user_id,
            "model": run.model_id,
            "status": status_label(run.status),
            "created_at": run.created_at,
            "duration": numbers.duration(run.duration_ms),
            "tokens": numbers.whole(run.total_tokens),
            "cost": numbers.dollars(costs.cost_of_run(run)),
        }


def _runs(count: int) -> str:
    return ngettext("%(count)s run", "%(count)s runs", count) % {"count": numbers.whole(count)}


def _number(describe: numbers.Describe) -> Callable[[float | None], str]:
    return lambda value: describe(value or 0)
