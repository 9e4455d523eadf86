"""Pages of tables that are too big to be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

COUNTED = 10_000
"""Rows that are counted, and that a list pages through; a search or filter leads to those behind."""


def bounded_count(queryset: QuerySet[Any], limit: int = COUNTED) -> int:
    """How many rows there are; ``limit + 1`` where there are more than ``limit``. Reads no more rows than that."""
    return queryset.order_by().values("pk")[: limit + 1].count()


def describe_count(count: int) -> int | str:
    """A bounded count as people may read it."""
    return _("more than %(limit)d") % {"limit": COUNTED} if count > COUNTED else count


class BoundedPaginator(_Paginator):
    """Counts and pages through the first ``COUNTED`` rows."""

    @cached_property
    def found(self) -> int:
        rows = self.object_list
        return bounded_count(rows, COUNTED) if isinstance(rows, QuerySet) else len(rows)

    @cached_property
    def count(self) -> int:
        return min(self.found, COUNTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than the pages show."""
        return self.found > COUNTED
