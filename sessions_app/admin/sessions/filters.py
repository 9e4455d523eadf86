"""Filters of the list of sessions. Each is served by an index, or looks through the newest sessions only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.boxes import TEMPLATE, Box, kept, typed
from sessions_app.admin.filters import ScanningFilter
from sessions_app.admin.numbers import whole
from sessions_app.models import Project, RunMetadata, Session
from sessions_app.querysets import SessionQuerySet

EARLIEST, LATEST = 1, 9999
"""Years that time zones lead out of what a moment can say."""
DAYS = {"": _("Any time"), "0": _("Today"), "7": _("Past 7 days"), "30": _("Past 30 days")}


class UserFilter(admin.SimpleListFilter):
    """One user's sessions."""

    title, parameter_name, template = _("user"), "user", TEMPLATE

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.user_id = typed(params, "user")
        super().__init__(request, params, model, model_admin)

    @property
    def is_on(self) -> bool:
        return bool(self.user_id)

    @property
    def boxes(self) -> list[Box]:
        return [Box("user", _("User id"), self.user_id)]

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return of_projects(queryset).filter(user_id=self.user_id) if self.is_on else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        self.kept = kept(changelist, "user")
        if self.is_on:
            query = changelist.get_query_string(remove=["user"])
            yield {"selected": False, "query_string": query, "display": _("All")}
            yield {"selected": True, "query_string": changelist.get_query_string(), "display": self.user_id}


class CreatedFilter(ScanningFilter):
    """Sessions of a span of time: days, both inclusive, or moments that a link names."""

    title, parameter_name, template = _("created"), "created", TEMPLATE
    served_under = ("agent", "project user", "project created")
    lookup_names = ("created_at__gte", "created_at__lte", "created_at__lt")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.given = {name: text for name in self.lookup_names if (text := typed(params, name))}
        super().__init__(request, params, model, model_admin)

    @property
    def is_on(self) -> bool:
        return bool(self.given)

    @property
    def boxes(self) -> list[Box]:
        bounds = self._bounds()
        first, last = bounds.get("created_at__gte"), bounds.get("created_at__lt")
        last = last and last - timedelta(microseconds=1)
        return [
            Box("created_at__gte", _("From"), _day(first), type="date"),
            Box("created_at__lte", _("To"), _day(last), type="date"),
        ]

    def expected_parameters(self) -> list[str | None]:
        return list(self.lookup_names)

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.in_sight(queryset).filter(**self._bounds()) if self.is_on else queryset
        return rows

    def choices(self, changelist: Any) -> Iterator[Any]:
        self.kept = kept(changelist, "created_at")
        for days, name in DAYS.items():
            first = {"created_at__gte": f"{timezone.localdate() - timedelta(days=int(days))}"} if days else {}
            query = changelist.get_query_string(first, ["created_at"])
            yield {"selected": self.given == first, "query_string": query, "display": name}

    def _bounds(self) -> dict[str, datetime]:
        try:
            bounds = {name: _moment(text, is_last=name.endswith("lte")) for name, text in self.given.items()}
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error
        if last := bounds.pop("created_at__lte", None):
            bounds["created_at__lt"] = min(last, bounds.get("created_at__lt", last))
        return bounds


class StatusFilter(ScanningFilter):
    """Sessions by the status of their last run."""

    title, parameter_name, template = _("last run"), "status", TEMPLATE
    served_under = ("project",)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(status.value, status.label) for status in RunMetadata.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in RunMetadata.Status:
            return queryset
        rows: QuerySet[Any] = self.in_sight(queryset).filter(last_run_status=self.value())
        return rows


class ErrorsFilter(ScanningFilter):
    """Sessions with and without runs that went wrong."""

    title, parameter_name, template = _("errors"), "errors", TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("yes", _("With errors")), ("no", _("Without errors"))]

    def queryset(self, request: HttpRequest, queryset: SessionQuerySet) -> SessionQuerySet:  # type: ignore[override]
        if self.value() not in {"yes", "no"}:
            return queryset
        rows: SessionQuerySet = self.in_sight(queryset).with_errors(self.value() == "yes")
        return rows


class TypeFilter(ScanningFilter):
    """Sessions of agents, teams or workflows."""

    title, parameter_name, template = _("type"), "type", TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(type_.value, type_.label) for type_ in Session.Type]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in Session.Type:
            return queryset
        rows: QuerySet[Any] = self.in_sight(queryset).filter(type=self.value())
        return rows


class BandFilter(ScanningFilter):
    """Sessions by size: from one edge up to the next."""

    template = TEMPLATE
    column: str
    edges: tuple[int, ...]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(name, _span(low, high)) for name, (low, high) in self._bands.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self._bands:
            return queryset
        low, high = self._bands[str(self.value())]
        above: QuerySet[Any] = self.in_sight(queryset).filter(**{f"{self.column}__gte": low})
        return above if high is None else above.filter(**{f"{self.column}__lte": high})

    @property
    def _bands(self) -> dict[str, tuple[int, int | None]]:
        ends = [edge - 1 for edge in self.edges[1:]]
        pairs = zip(self.edges, [*ends, None], strict=True)
        return {f"{low}-{'' if high is None else high}": (low, high) for low, high in pairs}


class MessagesFilter(BandFilter):
    title, parameter_name, column = _("messages"), "messages", "message_count"
    edges = (0, 1, 5, 20, 100, 1000)


class TokensFilter(BandFilter):
    title, parameter_name, column = _("tokens"), "tokens", "total_tokens"
    edges = (0, 1_000, 10_000, 100_000, 1_000_000)


def of_projects(sessions: QuerySet[Any]) -> QuerySet[Any]:
    """The same sessions, asked for by project, as indexes have them: one look a project, not one at every session."""
    return sessions.filter(project__in=Project.objects.order_by().values("pk"))


def _moment(text: str, *, is_last: bool) -> datetime:
    """A moment, or the start of a day; of the day after it where the day is the last of a span."""
    moment = parse_datetime(text) if len(text) > len("2030-01-31") else None
    if moment is None:
        day = parse_date(text)
        if day is None:
            raise ValueError(text)
        moment = datetime.combine(day + timedelta(days=int(is_last)), time.min)
    if not EARLIEST < moment.year < LATEST:
        raise ValueError(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _day(moment: datetime | None) -> str:
    local: date | None = timezone.localtime(moment).date() if moment else None
    return local.isoformat() if local else ""


def _span(low: int, high: int | None) -> Any:
    if high == low:
        return whole(low)
    if high is None:
        return _("%(number)s and more") % {"number": whole(low)}
    return _("%(low)s to %(high)s") % {"low": whole(low), "high": whole(high)}
