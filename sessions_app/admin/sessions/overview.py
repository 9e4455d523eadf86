"""The page that shows how all sessions went."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from sessions_app.admin.addresses import whole_number
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.filters import LISTED_PROJECTS
from sessions_app.admin.overview.figures import Overview
from sessions_app.admin.overview.forms import PRESETS, RangeForm
from sessions_app.admin.overview.page import Page
from sessions_app.models import Message, Project, RunMetadata


class SessionOverview(ServiceAdmin):
    """Its address and its view."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.overview_view)
        return [path("overview/", view, name="sessions_app_session_overview"), *super().get_urls()]

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """The figures of a range of days. For people who may see sessions and runs."""
        if not (self.has_view_permission(request) and self._may_see(RunMetadata, request)):
            raise PermissionDenied
        projects = list(Project.objects.values_list("pk", "name")[: LISTED_PROJECTS + 1])
        form = RangeForm(request.GET, projects=_choices(projects, whole_number(request.GET.get("project"))))
        form.is_valid()
        known = [pk for pk, _name in projects] if len(projects) <= LISTED_PROJECTS else []
        agent = form.chosen_agent
        overview = Overview(form.span, form.chosen_project, known, agent.pk if agent else None, form.chosen_user)
        page = Page(overview, agent=agent, has_messages=self._may_see(Message, request))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Overview"),
            "opts": self.opts,
            "form": form,
            "presets": PRESETS,
            "page": page,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sessions_app/overview/page.html", context)

    def _may_see(self, model: type[Model], request: HttpRequest) -> bool:
        may_see: bool = self.admin_site.get_model_admin(model).has_view_permission(request)
        return may_see


def _choices(projects: list[tuple[int, str]], given: int | None) -> list[tuple[int, str]]:
    """The first projects, and the one that an address names where it comes behind them."""
    listed = projects[:LISTED_PROJECTS]
    if len(projects) <= LISTED_PROJECTS or given is None or any(pk == given for pk, _name in listed):
        return listed
    return [*Project.objects.filter(pk=given).values_list("pk", "name"), *listed]
