"""The list of sessions: filters, orders and pages, in a bounded number of queries and without any run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from sessions_app import counting
from sessions_app.dialects.agno.serializers import session_row
from sessions_app.mappings.agno.lists import SORTS, filtered, ordered
from sessions_app.models import APIKey, Project, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import SessionQuerySet

DEFAULT_LIMIT = 20
UNSEEN = ("index_ids", "generated_title")


def page(key: APIKey, alias: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The page that was asked for, of the sessions that the key may see, as AgentOS wraps it."""
    limit, number = asked.get("limit", DEFAULT_LIMIT), asked.get("page", 1)
    start = (max(number, 1) - 1) * limit
    project = Project.objects.using(alias).behind(key)
    rows, total = ([], 0) if project is None else _Listing(alias, project.pk, asked).page(start, limit)
    return {
        "data": [session_row(session) for session in rows],
        "meta": {
            "page": number,
            "limit": limit,
            "total_pages": -(-total // limit),
            "total_count": total,
            "search_time_ms": 0.0,
        },
    }


class _Listing:
    """All sessions that were asked for, in the asked order."""

    def __init__(self, alias: str, project: int, asked: Mapping[str, Any]) -> None:
        sort_by, name = asked.get("sort_by", "created_at"), asked.get("session_name")
        self.alias = alias
        self.order = sort_by if sort_by in SORTS else "", asked.get("sort_order")
        self.filters = project, asked.get("user_id"), asked.get("type"), asked.get("component_id"), name or None

    def page(self, start: int, limit: int) -> tuple[list[Session], int]:
        """The rows from ``start`` on, and how many there are in all."""
        if start == 0:
            rows = self._read(_rows, self.order, rows=(0, limit))
            # A page that is not full says itself how many there are.
            return rows, self._total() if len(rows) == limit else len(rows)
        total = self._total()
        return (self._far_rows(start, min(start + limit, total), total) if start < total else []), total

    def _total(self) -> int:
        def count() -> int:
            counted = self._read(_counts)
            return int(counted[0][0]) if counted else 0

        return counting.total(count, named=(self.alias, *self.filters))

    def _far_rows(self, start: int, stop: int, total: int) -> list[Session]:
        """Rows behind the first page: walked to from the nearer end, and by keys alone, which an index holds."""
        is_backwards = start > total - stop
        span = (total - stop, total - start) if is_backwards else (start, stop)
        keys = [key for (key,) in self._read(_keys, (*self.order, is_backwards), rows=span)]
        rows = _shown(Session.objects.using(self.alias)).in_bulk(keys)
        return [rows[key] for key in (reversed(keys) if is_backwards else keys) if key in rows]

    def _read(self, read: Prepared[Any], *order: Any, rows: tuple[int, int] | None = None) -> list[Any]:
        run = read if self.filters[-1] is None else read.anew  # What matches a name is partly found out beforehand.
        return run(*self.filters, *order, using=self.alias, rows=rows)


def _found(
    using: str, project: int, user_id: str | None, type: str | None, component_id: str | None, name: str | None
) -> SessionQuerySet:
    found = Session.objects.using(using).filter(project=project, **({} if user_id is None else {"user_id": user_id}))
    return filtered(found, {"type": type, "component_id": component_id, "session_name": name})


@Prepared
def _rows(using: str, *filters_and_order: Any) -> SessionQuerySet:
    *filters, order = filters_and_order
    return _shown(ordered(_found(using, *filters), *order))


@Prepared
def _keys(using: str, *filters_and_order: Any) -> Any:
    *filters, (*order, is_backwards) = filters_and_order
    found = ordered(_found(using, *filters), *order)
    return (found.reverse() if is_backwards else found).values_list("pk")


@Prepared
def _counts(using: str, *filters: Any) -> Any:
    return _found(using, *filters).order_by().values("project").annotate(total=Count("pk")).values_list("total")


def _shown(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.select_related("agent").defer(*UNSEEN)
