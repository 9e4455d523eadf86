"""A bound to what a list reads where no index leads to the rows that it is asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

LOOKED_THROUGH = 100_000
"""Rows that a filter without an index looks through, newest first."""
SEARCHED = 10_000
"""Rows whose texts are searched, newest first."""


class Window:
    """The newest rows by an indexed column, as far as a list looks."""

    def __init__(self, column: str, limit: int = 0) -> None:
        self.column = column.removeprefix("-")
        self.limit = limit or LOOKED_THROUGH
        self.is_cut = False
        self._is_known = False

    def narrow(self, rows: Any) -> Any:
        """``rows`` without those beyond the window. The first call finds its edge; rows narrowed then stay so."""
        if self._is_known:
            return rows
        self._is_known = True
        newest: QuerySet[Any] = rows.order_by(f"-{self.column}").values_list(self.column, flat=True)
        edge = list(newest[self.limit : self.limit + 1])
        self.is_cut = bool(edge)
        return rows.filter(**{f"{self.column}__gt": edge[0]}) if edge else rows
