"""Filters of the lists. None of them reads a big table to find out what could be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sessions_app import formats
from sessions_app.models import Agent, Project, RunMetadata, Session, Tag
from sessions_app.querysets import SessionQuerySet

LISTED_PROJECTS = 100
ROLES = ("system", "developer", "user", "assistant", "tool")


class ObjectFilter(admin.SimpleListFilter):
    """The rows of one object, which a link elsewhere names. Shown only while it is on."""

    model: type[Model]

    @property
    def chosen(self) -> int | None:
        """The primary key of the object that the rows must belong to."""
        value = self.value()
        if value is not None and not (value.isascii() and value.isdigit()):
            raise IncorrectLookupParameters
        return None if value is None else int(value)

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        if self.chosen is None:
            return []
        found = self.model._default_manager.filter(pk=self.chosen).first()
        return [(str(self.chosen), str(found or _("Not found")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.chosen is None else queryset.filter(**{str(self.parameter_name): self.chosen})


class SessionFilter(ObjectFilter):
    title, parameter_name, model = _("session"), "session", Session


class AgentFilter(ObjectFilter):
    title, parameter_name, model = _("agent"), "agent", Agent


class RunFilter(ObjectFilter):
    title, parameter_name, model = _("run"), "run", RunMetadata


class TagFilter(ObjectFilter):
    title, parameter_name, model = _("tag"), "tags", Tag


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


class StatusFilter(admin.SimpleListFilter):
    """Sessions by the status of their last run."""

    title, parameter_name = _("last run"), "status"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(status.value, status.label) for status in RunMetadata.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(last_run_status=self.value()) if self.value() in RunMetadata.Status else queryset


class ErrorsFilter(admin.SimpleListFilter):
    """Sessions with and without runs that went wrong."""

    title, parameter_name = _("errors"), "errors"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("yes", _("With errors")), ("no", _("Without errors"))]

    def queryset(self, request: HttpRequest, queryset: SessionQuerySet) -> SessionQuerySet:  # type: ignore[override]
        return queryset.with_errors(self.value() == "yes") if self.value() in {"yes", "no"} else queryset


class RoleFilter(admin.SimpleListFilter):
    """Messages by the usual roles."""

    title, parameter_name = _("role"), "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(role, role) for role in ROLES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(role=self.value()) if self.value() in ROLES else queryset


class FormatFilter(admin.SimpleListFilter):
    """Messages by the formats that the site knows."""

    title, parameter_name = _("format"), "format"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(name, name) for name in formats.names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(format=self.value()) if self.value() in formats.names() else queryset
