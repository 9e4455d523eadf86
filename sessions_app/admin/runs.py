"""Runs: how each turn ended and what it cost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import EMPTY, link, list_link, status_label
from sessions_app.admin.filters import AgentFilter, SessionFilter
from sessions_app.admin.forms import ModelForm, ObjectBox, TextListBox, check_same_project
from sessions_app.models import Message, RunMetadata
from sessions_app.models.usage import TOKEN_FIELDS

OUTCOME = ("status", "is_error", "error")
ANSWER = ("input", "content")
COST = ("model_provider", "model_id", "duration_ms", "turns")
MORE = ("user_id", "parent_run_id", "export_config_ids", "details")


class RunForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if session := given.get("session"):
            check_same_project(given.get("agent"), session.project)
        return given


@admin.register(RunMetadata)
class RunAdmin(ServiceAdmin):
    """Runs, in order under a session, else newest first."""

    form = RunForm
    list_display = (
        "run_id",
        "session_link",
        "agent_name",
        "status_label",
        "model_id",
        "total_tokens",
        "duration",
        "created_at",
    )
    list_select_related = ("session", "agent")
    list_only = (
        *("run_id", "status", "model_id", "total_tokens", "duration_ms", "created_at"),
        *("session__name", "session__generated_title", "session__session_id"),
        *("agent__name", "agent__agent_id"),
    )
    list_filter = (SessionFilter, AgentFilter, "status", "is_error", "created_at")
    orders = {"session": Order(("position",))}
    search_fields = ("run_id", "user_id", "model_id", "error")
    search_help_text = _("Searches run ids, user ids, models and error messages.")
    raw_id_fields = ("session",)
    autocomplete_fields = ("agent",)
    json_boxes = {"metadata": ObjectBox, "export_config_ids": TextListBox}
    add_fieldsets = (
        (None, {"fields": ("session", "run_id", "agent", *OUTCOME)}),
        (_("Content"), {"fields": ANSWER}),
        (_("Cost"), {"fields": COST}),
        (_("More"), {"fields": MORE}),
    )
    fieldsets = (
        (None, {"fields": ("run_id", "session", "position", "agent", "messages_link", "created_at", "updated_at")}),
        (_("Outcome"), {"fields": OUTCOME}),
        (_("Content"), {"fields": ANSWER}),
        (_("Cost"), {"fields": COST}),
        (_("Tokens"), {"fields": TOKEN_FIELDS, "classes": ("collapse",)}),
        (_("More"), {"fields": MORE}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: RunMetadata | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: RunMetadata | None = None) -> tuple[str, ...]:
        identity = ("run_id", "session", "position", "agent", "messages_link", "created_at", "updated_at")
        return (*identity, *TOKEN_FIELDS) if obj else ()

    @admin.display(description=_("session"))
    def session_link(self, run: RunMetadata) -> SafeString | str:
        return link(run.session)

    @admin.display(description=_("agent"))
    def agent_name(self, run: RunMetadata) -> str:
        return str(run.agent or EMPTY)

    @admin.display(description=_("status"))
    def status_label(self, run: RunMetadata) -> SafeString | str:
        return status_label(run.status)

    @admin.display(description=_("duration"))
    def duration(self, run: RunMetadata) -> str:
        if run.duration_ms is None:
            return EMPTY
        return f"{run.duration_ms / 1000:.1f} s" if run.duration_ms >= 1000 else f"{run.duration_ms:.0f} ms"

    @admin.display(description=_("messages"))
    def messages_link(self, run: RunMetadata) -> SafeString:
        return list_link(Message, _("Messages"), run=run.pk)

    def create(self, given: dict[str, Any]) -> int:
        run, _is_new = services.record_run(**given)
        return run.pk

    def update(self, obj: RunMetadata, changed: dict[str, Any]) -> None:
        services.update_run(run=obj, **changed)

    def dependents(self, keys: list[Any]) -> list[QuerySet[Any]]:
        return [Message.objects.filter(run__in=keys)]

    def delete_model(self, request: HttpRequest, obj: RunMetadata) -> None:
        services.delete_run(run=obj)
