"""The numbers of the overview. As many queries for a year and a thousand agents as for a day and one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from sessions_app import costs
from sessions_app.admin.overview.span import BEFORE, Span
from sessions_app.models import Agent, Message, RunMetadata, Session

TOP = 10
RUN_COLUMNS = (
    *("run_id", "status", "is_error", "model_provider", "model_id", "duration_ms", "created_at"),
    *("input_tokens", "output_tokens", "total_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("session__name", "session__generated_title", "session__session_id", "session__user_id"),
    *("session__agent__name", "session__agent__agent_id"),
)


@dataclass(slots=True)
class Figures:
    """What happened in a day, or to an agent or user. ``cost`` is None where no run's price is known."""

    sessions: int = 0
    messages: int = 0
    runs: int = 0
    errors: int = 0
    tokens: int = 0
    cost: float | None = None

    @property
    def error_rate(self) -> float | None:
        """The part of the runs that went wrong, from 0 to 1."""
        return self.errors / self.runs if self.runs else None

    @classmethod
    def total(cls, parts: Iterable[Figures]) -> Figures:
        total = cls()
        for part in parts:
            total.sessions += part.sessions
            total.messages += part.messages
            total.runs += part.runs
            total.errors += part.errors
            total.tokens += part.tokens
            if part.cost is not None:
                total.cost = (total.cost or 0) + part.cost
        return total


@dataclass(slots=True)
class Ranked:
    """An agent or a user, with the figures of their sessions."""

    key: Any
    name: str
    figures: Figures


@dataclass
class Overview:
    """The figures of the rows that were made in a range, of all projects (``project`` None) or of one."""

    span: Span
    project: int | None
    projects: list[int] = field(default_factory=list)
    """All of them, so that an index by project and time serves sessions of any. Empty: too many to name."""
    agent: int | None = None
    user: str | None = None
    """Whose sessions they are, with their runs and messages; None: anybody's."""

    @cached_property
    def days(self) -> list[Figures]:
        """Each day of the range, also those without data."""
        return self._by_day[1:]

    @cached_property
    def before(self) -> Figures:
        """The range before, which has as many days."""
        return self._by_day[0]

    @cached_property
    def total(self) -> Figures:
        return Figures.total(self.days)

    @cached_property
    def by_agent(self) -> list[Ranked]:
        ranked = self._ranked("agent")
        agents = Agent.objects.in_bulk([row.key for row in ranked])
        for row in ranked:
            row.name = str(agents.get(row.key, row.name))
        return ranked

    @cached_property
    def by_user(self) -> list[Ranked]:
        return self._ranked("user_id")

    @cached_property
    def slowest(self) -> list[RunMetadata]:
        return self._top_runs(self._runs(self.span.start).filter(duration_ms__gt=0), "-duration_ms")

    @cached_property
    def costliest(self) -> list[RunMetadata]:
        """Without prices: those with most tokens."""
        runs: QuerySet[Any] = self._runs(self.span.start).filter(total_tokens__gt=0)
        if not self.prices:
            return self._top_runs(runs, "-total_tokens")
        return self._top_runs(runs.filter(cost__isnull=False), "-cost")

    @property
    def prices(self) -> dict[costs.Model, costs.Rates]:
        """What the models cost at the range's end, where that is known."""
        return {model: rates for model, (rates, _runs) in self._models.items() if rates}

    @property
    def unpriced(self) -> dict[costs.Model, int]:
        """How many of the range's runs had a model without a known price, by model."""
        return {model: runs for model, (rates, runs) in self._models.items() if runs and not rates}

    @cached_property
    def _models(self) -> dict[costs.Model, tuple[costs.Rates | None, int]]:
        """The prices of all models of this range and the one before, and how many runs each had in this one."""
        if not costs.is_available():
            return {}
        runs = self._runs(self.span.before.start, priced=False).filter(total_tokens__gt=0)
        counts = runs.values_list("model_provider", "model_id").annotate(
            tokens=Sum("total_tokens"), count=Count("pk", filter=Q(created_at__gte=self.span.start))
        )
        at = min(self.span.end, timezone.now())
        return {
            (provider, model): (costs.rates_of((provider, model), at), count)
            for provider, model, _tokens, count in counts.order_by("-tokens")[: costs.MODELS]
        }

    @cached_property
    def _by_day(self) -> list[Figures]:
        """The range before, then each day."""
        days = [Figures() for _ in range(len(self.span.days) + 1)]
        start = self.span.before.start
        for name, rows in (("sessions", self._sessions(start)), ("messages", self._rows(Message, start))):
            for number, count in self._group(rows).values_list("day").annotate(count=Count("*")):
                setattr(days[number - BEFORE], name, count)
        for row in self._group(self._runs(start)).annotate(**self._run_sums()):
            day = days[row["day"] - BEFORE]
            day.runs, day.errors, day.tokens, day.cost = row["runs"], row["errors"], row["tokens"], row["costs"]
        return days

    def _group(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        by_day: QuerySet[Any, Any] = rows.annotate(day=self.span.day_number("created_at")).values("day")
        return by_day

    def _ranked(self, column: str) -> list[Ranked]:
        """Whose runs took most tokens; where there are few of them, also those with most sessions."""
        of_session = f"session__{column}"
        runs = self._runs(self.span.start).exclude(**{of_session: None}).values(of_session)
        sums = runs.annotate(**self._run_sums()).order_by("-tokens", of_session)[:TOP]
        found = {
            row[of_session]: Figures(runs=row["runs"], errors=row["errors"], tokens=row["tokens"], cost=row["costs"])
            for row in sums
        }
        is_found = Case(When(**{f"{column}__in": list(found)}, then=Value(0)), default=Value(1))
        sessions = self._sessions(self.span.start).exclude(**{column: None}).annotate(rank=is_found)
        counts = sessions.values_list("rank", column).annotate(count=Count("pk")).order_by("rank", "-count", column)
        for _rank, key, count in counts[: 2 * TOP]:
            found.setdefault(key, Figures()).sessions = count
        return [Ranked(key, str(key), figures) for key, figures in list(found.items())[:TOP]]

    def _run_sums(self) -> dict[str, Any]:
        return {
            "runs": Count("*"),
            "errors": Count("pk", filter=Q(is_error=True)),
            "tokens": Sum("total_tokens"),
            "costs": Sum("cost"),
        }

    def _top_runs(self, runs: QuerySet[RunMetadata], order: str) -> list[RunMetadata]:
        return list(runs.select_related("session__agent").only(*RUN_COLUMNS).order_by(order, "-pk")[:TOP])

    def _runs(self, start: datetime, *, priced: bool = True) -> QuerySet[RunMetadata]:
        runs = self._rows(RunMetadata, start)
        return runs.alias(cost=costs.cost_expression(self.prices)) if priced else runs

    def _rows(self, model: type[Any], start: datetime) -> QuerySet[Any]:
        rows: QuerySet[Any] = model._default_manager.filter(
            created_at__gte=start, created_at__lt=self.span.end
        ).order_by()
        return rows.filter(**self._chosen(project="session__project", agent="session__agent", user="session__user_id"))

    def _sessions(self, start: datetime) -> QuerySet[Session]:
        rows = Session.objects.filter(created_at__gte=start, created_at__lt=self.span.end).order_by()
        rows = rows.filter(**self._chosen(agent="agent", user="user_id"))
        projects = self.projects if self.project is None else [self.project]
        return rows.filter(project__in=projects) if projects else rows

    def _chosen(self, **columns: str) -> dict[str, Any]:
        """What was chosen, as conditions on the columns that hold it."""
        return {column: value for name, column in columns.items() if (value := getattr(self, name)) is not None}
