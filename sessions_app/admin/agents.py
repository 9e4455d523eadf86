"""Agents, teams and workflows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import EMPTY, list_link
from sessions_app.admin.filters import ProjectFilter
from sessions_app.admin.forms import ModelForm
from sessions_app.models import Agent, RunMetadata, Session


class AgentForm(ModelForm):
    def clean_metadata(self) -> dict[str, Any]:
        """An empty box means no metadata, which this column says with an empty object."""
        return self.cleaned_data["metadata"] or {}


@admin.register(Agent)
class AgentAdmin(StoreAdmin):
    """Who runs. What clients know an agent by stays as it was made."""

    form = AgentForm
    list_display = ("agent_id", "name", "type", "model_label", "project", "sessions_link")
    list_select_related = ("project",)
    list_filter = (ProjectFilter, "type")
    orders = {"project": Order(("agent_id", "pk"), columns=("agent_id",))}
    list_only = ("agent_id", "name", "type", "model_provider", "model_name", "model_id", "project__name")
    search_fields = ("agent_id", "name", "model_id")
    search_help_text = _("Searches ids, names and models.")
    autocomplete_fields = ("project",)
    fieldsets = (
        (None, {"fields": ("project", "type", "agent_id", "name")}),
        (_("Model"), {"fields": ("model_provider", "model_name", "model_id")}),
        (_("More"), {"fields": ("metadata",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Agent | None = None) -> tuple[str, ...]:
        return ("project", "type", "agent_id", "created_at", "sessions_link", "runs_link") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        links = [(_("What it did"), {"fields": ["sessions_link", "runs_link", "created_at"]})] if obj else []
        return [*super().get_fieldsets(request, obj), *links]

    @admin.display(description=_("model"))
    def model_label(self, agent: Agent) -> str:
        return " ".join(filter(None, (agent.model_provider, agent.model_id or agent.model_name))) or EMPTY

    @admin.display(description=_("sessions"))
    def sessions_link(self, agent: Agent) -> SafeString:
        return list_link(Session, pgettext_lazy("of agents", "Sessions"), agent=agent.pk)

    @admin.display(description=_("runs"))
    def runs_link(self, agent: Agent) -> SafeString:
        return list_link(RunMetadata, _("Runs"), agent=agent.pk)

    def obstacles(self, keys: list[Any]) -> list[str]:
        users = (Session.objects.filter(agent__in=keys), RunMetadata.objects.filter(agent__in=keys))
        if not any(rows.exists() for rows in users):
            return []
        return [gettext("Sessions or runs that name the agent as theirs. Delete these first.")]

    def delete_model(self, request: HttpRequest, obj: Agent) -> None:
        services.delete_agent(agent=obj)
