"""The list of sessions: filters, orders and pages, in a bounded number of queries and without any run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connections
from django.db.models import Count, Subquery, Window

from sessions_app import conf, counting, searching
from sessions_app.dialects.agno.serializers import SHOWN, session_row
from sessions_app.mappings.agno.lists import SORTS, filtered, from_row_on, ordered
from sessions_app.models import APIKey, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import SessionQuerySet, project_behind

DEFAULT_LIMIT = 20
CHUNK = 512
"""Rows that are asked for by their keys at once."""


def page(key: APIKey, alias: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The page that was asked for, of the sessions that the key may see, as AgentOS wraps it."""
    limit, number = asked.get("limit", DEFAULT_LIMIT), asked.get("page", 1)
    start = (max(number, 1) - 1) * limit
    project = project_behind(key, alias)
    rows, total = ([], 0) if project is None else _Listing(alias, project.pk, asked).page(start, limit)
    is_complete = conf.get("AGNO_COMPLETE_LIST_ROWS")
    return {
        "data": [session_row(session, is_complete=is_complete) for session in rows],
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
        self.order = (sort_by, asked.get("sort_order")) if sort_by in SORTS else ("created_at", None)
        self.filters = project, asked.get("user_id"), asked.get("type"), asked.get("component_id") or None, name or None
        self.name: tuple[Any, ...] = alias, *self.filters
        """What its count is remembered by."""
        self.is_search = bool(name)
        self.is_indexed = name is not None and searching.has_index(name, alias)
        self.looks_beforehand = self.is_search and asked.get("type") in {None, Session.Type.WORKFLOW}

    def page(self, start: int, limit: int) -> tuple[list[Session], int]:
        """The rows from ``start`` on, and how many there are in all."""
        if start == 0:
            return self._first_page(limit)
        # What is remembered of a list is no more of use to its other pages once something new has come into it: counted
        # from its end, or from a row that was met before, they would leave out as many rows as came.
        self.name = (*self.name, *self._newest())
        total = self._total()
        return (self._far_rows(start, min(start + limit, total), total) if start < total else []), total

    def _first_page(self, limit: int) -> tuple[list[Session], int]:
        is_known = counting.is_known(named=self.name)
        if not is_known and not self.is_search:
            rows = self._read(_counted_rows, self.order, rows=(0, limit))
            return rows, counting.total(lambda: rows[0].total if rows else 0, named=self.name)
        if not is_known and self.is_indexed and limit <= counting.EXACT:
            rows = self._read(_gathered_rows, self.order, rows=(0, limit))
            total = rows[0].total if rows else 0
            return rows, total if total <= counting.EXACT else self._total()
        rows = self._read(_rows, self.order, rows=(0, limit))
        # A page that is not full says itself how many there are.
        return rows, self._total() if len(rows) == limit else len(rows)

    def _total(self) -> int:
        def count() -> int:
            counted = self._read(_counts)
            return int(counted[0][0]) if counted else 0

        return counting.total(count, named=self.name)

    def _newest(self) -> tuple[Any, ...]:
        """What tells the project's newest session from those before it."""
        found = _newest(self.filters[0], using=self.alias, rows=(0, 1))
        return found[0] if found else ()

    def _far_rows(self, start: int, stop: int, total: int) -> list[Session]:
        """Rows behind the first page: walked to by keys alone, which an index holds, from the nearest known row."""
        known = self._known(start)
        place, row = known.before(start) if known is not None else (0, None)
        if total - stop < start - place:
            keys = self._keys(total - stop, total - start, is_backwards=True)[::-1]
        else:
            keys = self._keys(start - place, stop - place, row=row)
        rows = self._with_keys(keys)
        if known is not None and rows and rows[0].pk == keys[0]:
            moment = connections[self.alias].ops.adapt_datetimefield_value(rows[0].created_at)
            known.add(start, (str(moment), rows[0].pk))
        return rows

    def _known(self, start: int) -> counting.Places | None:
        """The rows, met in the last seconds, that a page can be walked to from: a far one, where that takes time and
        which may lag behind by what is new since, in the order that most pages have, by one moment.
        """
        is_walked = start >= counting.EXACT and self.order[0] == "created_at"
        return counting.places(named=(self.name, self.order)) if is_walked else None

    def _keys(self, start: int, stop: int, *, is_backwards: bool = False, row: Any = None) -> list[int]:
        moment, key = row or (None, None)
        read = self._read(_keys, (*self.order, is_backwards), moment, key, rows=(start, stop))
        return [key for (key,) in read]

    def _with_keys(self, keys: list[int]) -> list[Session]:
        """The rows with these keys that are still there, in their order."""
        rows: dict[int, Session] = {}
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            # Filled up to a power of two, so that there are but few statements of this kind.
            chunk += chunk[-1:] * ((1 << (len(chunk) - 1).bit_length()) - len(chunk))
            rows |= {row.pk: row for row in _keyed(*chunk, using=self.alias)}
        return [rows[key] for key in keys if key in rows and self._is_still_theirs(rows[key])]

    def _is_still_theirs(self, row: Session) -> bool:
        """Whether nobody has moved a session to another project or user since its key was read."""
        project, user_id, *_ = self.filters
        return row.project_id == project and user_id in (None, row.user_id)

    def _read(self, read: Prepared[Any], *order: Any, rows: tuple[int, int] | None = None) -> list[Any]:
        if self.looks_beforehand:  # Which workflows have such a name is found out while the query is made.
            return read.anew(*self.filters, *order, using=self.alias, rows=rows)
        return read(*self.filters, *order, using=self.alias, rows=rows, is_planned=not self.is_search)


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
def _counted_rows(using: str, *filters_and_order: Any) -> Any:
    """The rows, each with how many there are in all: what is short is counted sooner than it is asked for."""
    *filters, order = filters_and_order
    return _rows.queryset(using, *filters, order).annotate(total=Subquery(_counts.queryset(using, *filters)))


@Prepared
def _gathered_rows(using: str, *filters_and_order: Any) -> Any:
    """The rows, each with how many there are in all, up to one more than ``counting.EXACT``. So many PostgreSQL looks
    for in the index of texts; a page it would look for along the list, through all sessions, wherever it takes a rare
    text for a frequent one.
    """
    *filters, order = filters_and_order
    gathered = ordered(_found(using, *filters), *order).values("pk")[: counting.EXACT + 1]
    rows = ordered(Session.objects.using(using).filter(pk__in=gathered), *order)
    return _shown(rows).annotate(total=Window(Count("pk")))


@Prepared
def _keys(using: str, *filters_and_order: Any) -> Any:
    *filters, (sort_by, sort_order, is_backwards), moment, key = filters_and_order
    found = ordered(_found(using, *filters), sort_by, sort_order)
    if moment is not None:
        found = from_row_on(found, sort_order, moment, key)
    return (found.reverse() if is_backwards else found).values_list("pk")


@Prepared
def _counts(using: str, *filters: Any) -> Any:
    return _found(using, *filters).order_by().values("project").annotate(total=Count("pk")).values_list("total")


@Prepared
def _newest(using: str, project: int) -> Any:
    newest = Session.objects.using(using).filter(project=project).order_by("-created_at", "-pk")
    return newest.values_list("created_at", "pk")


@Prepared
def _keyed(using: str, *keys: int) -> SessionQuerySet:
    return _shown(Session.objects.using(using).filter(pk__in=keys).order_by())


def _shown(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.select_related("agent").only(*SHOWN)
