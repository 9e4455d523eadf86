"""Addresses of the lists and pages that the figures lead to."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.http import urlencode

from sessions_app.admin.addresses import list_url
from sessions_app.admin.overview.figures import Overview
from sessions_app.admin.overview.span import Span
from sessions_app.models import Message, RunMetadata, Session


class ListLinks:
    """Links into the lists, filtered as the overview is; ``span`` narrows the days further."""

    def __init__(self, overview: Overview) -> None:
        self.span = overview.span
        self._of_sessions = {"project": overview.project, "agent": overview.agent, "user": overview.user}
        columns = {"project": "session__project", "agent": "session__agent", "user": "session__user_id"}
        self._of_parts = {columns[name]: value for name, value in self._of_sessions.items()}
        models: tuple[type[Model], ...] = (Session, RunMetadata, Message)
        self._written: dict[Span, str] = {}
        self._lists = {model: list_url(model) for model in models}

    def sessions(self, span: Span | None = None, **filters: Any) -> str:
        return self._link(Session, span, {**self._of_sessions, **filters})

    def runs(self, span: Span | None = None, **filters: Any) -> str:
        return self._link(RunMetadata, span, {**self._of_parts, **filters})

    def errors(self, span: Span | None = None, **filters: Any) -> str:
        return self.runs(span, is_error__exact=1, **filters)

    def messages(self, span: Span | None = None, **filters: Any) -> str:
        return self._link(Message, span, {**self._of_parts, **filters})

    def overview(self, **changed: Any) -> str:
        """The overview of the same days, narrowed to an agent or a user, or widened by None."""
        days = {"first": self.span.first.isoformat(), "last": self.span.last.isoformat()}
        return f"?{urlencode(_given({**days, **self._of_sessions, **changed}))}"

    def _link(self, model: type[Model], span: Span | None, filters: dict[str, Any]) -> str:
        chosen = _given(filters)
        return f"{self._lists[model]}?{urlencode(chosen)}{'&' if chosen else ''}{self._times(span or self.span)}"

    def _times(self, span: Span) -> str:
        if span not in self._written:
            times = {"created_at__gte": span.start.isoformat(), "created_at__lt": span.end.isoformat()}
            self._written[span] = urlencode(times)
        return self._written[span]


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
