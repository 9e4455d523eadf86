"""Filters of the lists. None of them reads a big table to find out what could be chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sessions_app import formats
from sessions_app.admin.addresses import whole_number
from sessions_app.admin.windows import Window
from sessions_app.models import Agent, Project, RunMetadata, Session
from sessions_app.text import is_storable

LISTED_PROJECTS = 100
ROLES = ("system", "developer", "user", "assistant", "tool")


class ScanningFilter(admin.SimpleListFilter):
    """A filter that no index serves, but under the orders named in ``served_under`` (keys of ``StoreAdmin.orders``).

    Elsewhere it looks through the newest rows only.
    """

    served_under: Collection[str] = ()
    window: Window | None = None

    def in_sight(self, rows: Any) -> Any:
        """``rows`` as far as this filter may look."""
        return self.window.narrow(rows) if self.window else rows


class ObjectFilter(admin.SimpleListFilter):
    """The rows of one object, which a link elsewhere names. Shown only while it is on."""

    model: type[Model]

    @property
    def is_on(self) -> bool:
        return self.chosen is not None

    @property
    def chosen(self) -> int | None:
        """The primary key of the object that the rows must belong to."""
        value = self.value()
        key = whole_number(value)
        if value is not None and key is None:
            raise IncorrectLookupParameters
        return key

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        if self.chosen is None:
            return []
        found = self.model._default_manager.filter(pk=self.chosen).first()
        return [(str(self.chosen), str(found or _("Not found")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen is None else queryset.filter(**{str(self.parameter_name): self.chosen})


class SessionFilter(ObjectFilter):
    title, parameter_name, model = _("session"), "session", Session


class RunFilter(ObjectFilter):
    title, parameter_name, model = _("run"), "run", RunMetadata


class ProjectFilter(ObjectFilter):
    """One project's rows, which is also what the indexes serve. An only project is always chosen."""

    title, parameter_name, model = _("project"), "project", Project

    @property
    def chosen(self) -> int | None:
        given = super().chosen
        return self._only_project if given is None else given

    @cached_property
    def _projects(self) -> list[tuple[int, str]]:
        return list(Project.objects.values_list("pk", "name")[:LISTED_PROJECTS])

    @property
    def _only_project(self) -> int | None:
        return self._projects[0][0] if len(self._projects) == 1 else None

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        listed = [(str(pk), name) for pk, name in self._projects]
        is_listed = self.chosen is None or any(pk == self.chosen for pk, _name in self._projects)
        return listed if is_listed else [*super().lookups(request, model_admin), *listed]

    def choices(self, changelist: Any) -> Iterator[Any]:
        if self._only_project is None or self.value():
            return super().choices(changelist)
        query = changelist.get_query_string()
        return iter([{"selected": True, "query_string": query, "display": self._projects[0][1]}])


class SessionProjectFilter(ObjectFilter):
    """Runs and messages of one project."""

    title, parameter_name, model = _("project"), "session__project", Project


class SessionAgentFilter(ObjectFilter):
    """Runs of one agent's sessions, whoever ran them."""

    title, parameter_name, model = _("agent of the session"), "session__agent", Agent


class SessionUserFilter(admin.SimpleListFilter):
    """Runs in one user's sessions, which a link elsewhere names. Shown only while it is on."""

    title, parameter_name = _("user"), "session__user_id"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        user_id = self.value()
        return [] if user_id is None else [(user_id, user_id)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        user_id = self.value()
        if user_id is None:
            return queryset
        return queryset.filter(session__user_id=user_id) if is_storable(user_id) else queryset.none()


class RoleFilter(ScanningFilter):
    """Messages by the usual roles."""

    title, parameter_name = _("role"), "role"
    served_under = ("session", "run")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(role, role) for role in ROLES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.in_sight(queryset).filter(role=self.value()) if self.value() in ROLES else queryset


class FormatFilter(ScanningFilter):
    """Messages by the formats that the site knows."""

    title, parameter_name = _("format"), "format"
    served_under = ("session", "run")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(name, name) for name in formats.names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.in_sight(queryset).filter(format=self.value()) if self.value() in formats.names() else queryset
