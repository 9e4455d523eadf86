"""Lists that read a page's rows and columns, however big the table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest

from sessions_app.admin import theme
from sessions_app.admin.filters import ScanningFilter
from sessions_app.admin.windows import Window

if TYPE_CHECKING:
    from sessions_app.admin.base import StoreAdmin

UNKNOWN_TO_DATABASES = (OverflowError, ValueError, DataError)
"""What comes of numbers, moments and texts that a database cannot hold."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows, and the columns by which people may order them instead (None: all)."""

    fields: tuple[str, ...]
    columns: tuple[str, ...] | None = ()


class BoundedChangeList(theme.ChangeList):
    """Orders rows only by what an index serves under the filters that are on (``StoreAdmin.orders``)."""

    model_admin: StoreAdmin

    def get_filters(self, request: HttpRequest) -> Any:
        filters = super().get_filters(request)
        chosen = {getattr(spec, "parameter_name", None) for spec in filters[0] if getattr(spec, "is_on", False)}
        orders = self.model_admin.orders
        name = next((name for name in orders if chosen.issuperset(name.split())), "")
        self.order = orders.get(name, self.model_admin.default_order)
        self.sortable_by = self.order.columns
        self.window = Window(self.order.fields[0])
        for spec in filters[0]:
            if isinstance(spec, ScanningFilter) and name not in spec.served_under:
                spec.window = self.window
        return filters

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        try:
            return self.model_admin.for_list(super().get_queryset(request, exclude_parameters))
        except UNKNOWN_TO_DATABASES as error:
            raise IncorrectLookupParameters from error

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except UNKNOWN_TO_DATABASES as error:
            raise IncorrectLookupParameters from error
        self.show_admin_actions = bool(self.result_count)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        ordering = super().get_ordering(request, queryset.order_by())
        # What is left of a wish for columns that no index serves.
        return list(self.order.fields) if ordering == ["-pk"] else ordering

    def get_ordering_field(self, field_name: Any) -> Any:
        field = super().get_ordering_field(field_name)
        is_sortable = self.order.columns is None or field in self.order.columns
        return field if is_sortable else None

    def _get_default_ordering(self) -> tuple[str, ...]:
        return self.order.fields
