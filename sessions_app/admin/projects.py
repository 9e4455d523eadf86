"""Projects, with ways to what belongs to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import list_link
from sessions_app.models import Agent, APIKey, Message, Project, RunMetadata, Session, Tag


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

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        return (
            ("project_id", "organization_id", "created_at", "sessions_link", "agents_link", "api_keys_link")
            if obj
            else ()
        )

    def get_fields(self, request: HttpRequest, obj: Project | None = None) -> tuple[str, ...]:
        return ("name", "project_id", "organization_id", *(self.get_readonly_fields(request, obj)[2:] if obj else ()))

    @admin.display(description=_("sessions"))
    def sessions_link(self, project: Project) -> SafeString:
        return list_link(Session, _("Sessions"), project=project.pk)

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
