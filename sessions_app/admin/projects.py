"""Projects: how much is in them, who may come in, and ways to what belongs to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import list_link
from sessions_app.admin.project_page import LISTED_KEYS, newest_keys, totals
from sessions_app.models import Agent, APIKey, Message, Project, RunMetadata, Session, Tag

ELSEWHERE = ("_continue", "_addanother", "_popup")
"""Buttons of the form that lead somewhere of their own."""


@admin.register(Project)
class ProjectAdmin(StoreAdmin):
    """The tenants."""

    list_display = (
        "name",
        "project_id",
        "organization_id",
        "created_at",
        "sessions_link",
        "agents_link",
        "api_keys_link",
    )
    search_fields = ("name", "project_id", "organization_id")
    search_help_text = _("Searches names and ids.")
    default_order = Order(("name", "pk"), columns=None)

    class Media:
        css = {"all": ["sessions_app/keys.css"]}
        js = [Script("sessions_app/copy.js", type="module")]

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        return ("project_id_copied", "organization_id_copied", "created_at") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        ids = self.get_readonly_fields(request, obj) or ("project_id", "organization_id")
        return ("name", *ids)

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if project := context.get("original"):
            keys = self.admin_site._registry[APIKey]
            context["totals"] = totals(self.admin_site, request, project)
            if keys.has_view_or_change_permission(request):
                found = newest_keys(project)
                context |= {"keys": found[:LISTED_KEYS], "has_more_keys": len(found) > LISTED_KEYS}
            context["may_make_keys"] = keys.has_add_permission(request)
        return super().render_change_form(request, context, **kwargs)

    def response_add(self, request: HttpRequest, obj: Project, post_url_continue: str | None = None) -> HttpResponse:
        """On to the project's first key, without which nothing gets in."""
        may_go_on = self.admin_site._registry[APIKey].has_add_permission(request)
        if not may_go_on or any(name in request.POST for name in ELSEWHERE):
            return super().response_add(request, obj, post_url_continue)
        text = gettext("The project “{}” was added. Make its first key now, so that clients can come in.")
        self.message_user(request, format_html(text, obj.name))
        add_url = reverse("admin:sessions_app_apikey_add", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{add_url}?project={obj.pk}")

    @admin.display(description=_("project id"))
    def project_id_copied(self, project: Project) -> SafeString:
        return copied("agent-sessions-project-id", project.project_id, _("the project id"))

    @admin.display(description=_("organization id"))
    def organization_id_copied(self, project: Project) -> SafeString:
        return copied("agent-sessions-organization-id", project.organization_id, _("the organization id"))

    @admin.display(description=_("sessions"))
    def sessions_link(self, project: Project) -> SafeString:
        return list_link(Session, pgettext_lazy("of agents", "Sessions"), project=project.pk)

    @admin.display(description=_("agents"))
    def agents_link(self, project: Project) -> SafeString:
        return list_link(Agent, _("Agents"), project=project.pk)

    @admin.display(description=_("API keys"))
    def api_keys_link(self, project: Project) -> SafeString:
        return list_link(APIKey, _("API keys"), project=project.pk)

    def dependents(self, keys: list[Any]) -> list[QuerySet[Any]]:
        own: list[QuerySet[Any]] = [model._default_manager.all() for model in (Session, Agent, APIKey, Tag)]
        below: list[QuerySet[Any]] = [RunMetadata.objects.all(), Message.objects.all()]
        return [
            *(rows.filter(project__in=keys) for rows in own),
            *(rows.filter(session__project__in=keys) for rows in below),
        ]

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        # In portions first: the cascade would hold every message of the project in memory.
        services.delete_sessions(sessions=Session.objects.filter(project=obj))
        obj.delete()


def copied(name: str, value: Any, what: Any) -> SafeString:
    """A value with a button that copies it; ``name`` is its id on the page, ``what`` says what is copied."""
    return render_to_string("admin/sessions_app/copied.html", {"name": name, "value": value, "what": what})
