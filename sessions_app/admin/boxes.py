"""Filters that people type into: a form of the filter's own beside its links, without any script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sessions_app.admin.addresses import whole_number
from sessions_app.admin.filters import ObjectFilter, ScanningFilter
from sessions_app.models import Agent, Tag
from sessions_app.text import storable

TEMPLATE = "admin/sessions_app/filter.html"
LINKED = 12
"""Objects that a filter shows as links."""
SUGGESTED = 200
"""Objects whose names the box suggests."""
FOUND = 100
"""Objects that words in a box may stand for."""
LONGEST = 255
"""Characters of a text that somebody looks for."""


@dataclass(frozen=True, slots=True)
class Box:
    """An input of a filter's form."""

    name: str
    label: Any
    value: str = ""
    type: str = "search"
    suggestions: Sequence[str] = ()


def typed(params: dict[str, Any], name: str) -> str:
    """Take what somebody typed out of a list's parameters."""
    return storable(params.pop(name, [""])[-1]).strip()[:LONGEST]


def kept(changelist: Any, parameter: str) -> list[tuple[str, str]]:
    """The list's other parameters, for a form's hidden inputs."""
    return parse_qsl(changelist.get_query_string(remove=[parameter])[1:], keep_blank_values=True)


class NamedFilter(ObjectFilter, ScanningFilter):
    """The rows of one object: the newest objects as links, and a box that finds others by their names."""

    template = TEMPLATE
    named_by: tuple[str, ...]
    """Columns of the object; the last is what people know it by."""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        self.box_name = f"{self.parameter_name}_name"
        self.words = typed(params, self.box_name)
        self.project = whole_number(request.GET.get("project"))
        super().__init__(request, params, model, model_admin)

    @property
    def chosen(self) -> int | None:
        given = super().chosen
        return self._found[0] if given is None and len(self._found) == 1 else given

    @property
    def boxes(self) -> list[Box]:
        if len(self._newest) <= LINKED and not self.words:
            return []
        names = dict.fromkeys(getattr(row, self.named_by[-1]) or str(row) for row in self._newest)
        return [Box(self.box_name, _("Name or id"), self.words, suggestions=list(names))]

    @cached_property
    def _objects(self) -> QuerySet[Any]:
        rows = self.model._default_manager.order_by("-pk")
        return rows if self.project is None else rows.filter(project=self.project)

    @cached_property
    def _newest(self) -> list[Model]:
        return list(self._objects[:SUGGESTED])

    @cached_property
    def _found(self) -> list[int]:
        if not self.words:
            return []
        exact = reduce(or_, (Q(**{column: self.words}) for column in self.named_by))
        if same := list(self._objects.filter(exact).values_list("pk", flat=True)[:FOUND]):
            return same
        lowered = {f"lower_{column}": Lower(column) for column in self.named_by}
        like = reduce(or_, (Q(**{f"{column}__contains": self.words.lower()}) for column in lowered))
        return list(self._objects.alias(**lowered).filter(like).values_list("pk", flat=True)[:FOUND])

    def has_output(self) -> bool:
        return bool(self._newest) or self.is_on or bool(self.words)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        listed = [(str(row.pk), str(row)) for row in self._newest[:LINKED]]
        is_listed = self.chosen is None or any(pk == str(self.chosen) for pk, _name in listed)
        return listed if is_listed else [*super().lookups(request, model_admin), *listed]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.chosen is not None or not self.words:
            return super().queryset(request, queryset)
        rows: QuerySet[Any] = self.in_sight(queryset).filter(**{f"{self.parameter_name}__in": self._found})
        return rows

    def choices(self, changelist: Any) -> Iterator[Any]:
        self.kept = kept(changelist, str(self.parameter_name))
        everything = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": not self.is_on and not self.words, "query_string": everything, "display": _("All")}
        for key, name in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, [self.parameter_name])
            yield {"selected": key == str(self.chosen), "query_string": query, "display": name}


class AgentFilter(NamedFilter):
    title, parameter_name, model = _("agent"), "agent", Agent
    named_by = ("agent_id", "name")


class TagFilter(NamedFilter):
    title, parameter_name, model = _("tag"), "tags", Tag
    named_by = ("name",)
