"""Lists that read a page's rows and columns, however big the table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest

from sessions_app.admin.filters import ObjectFilter

if TYPE_CHECKING:
    from sessions_app.admin.base import StoreAdmin


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows, and the columns by which people may order them instead (None: all)."""

    fields: tuple[str, ...]
    columns: tuple[str, ...] | None = ()


class BoundedChangeList(ChangeList):
    """Orders rows only by what an index serves under the filters that are on (``StoreAdmin.orders``)."""

    model_admin: StoreAdmin

    def get_filters(self, request: HttpRequest) -> Any:
        filters = super().get_filters(request)
        chosen = {
            spec.parameter_name for spec in filters[0] if isinstance(spec, ObjectFilter) and spec.chosen is not None
        }
        orders = self.model_admin.orders
        self.order = next((orders[name] for name in orders if name in chosen), self.model_admin.default_order)
        self.sortable_by = self.order.columns
        return filters

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        return self.model_admin.for_list(super().get_queryset(request, exclude_parameters))

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (OverflowError, ValueError, DataError) as error:  # Numbers and texts that the database does not know.
            raise IncorrectLookupParameters from error
        self.show_admin_actions = bool(self.result_count)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return super().get_ordering(request, queryset.order_by())

    def get_ordering_field(self, field_name: Any) -> Any:
        is_sortable = self.order.columns is None or field_name in self.order.columns
        return super().get_ordering_field(field_name) if is_sortable else None

    def _get_default_ordering(self) -> tuple[str, ...]:
        return self.order.fields
