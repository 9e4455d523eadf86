"""Runs: how each turn ended and what it cost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin import numbers
from sessions_app.admin.boxes import AgentFilter
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import EMPTY, link, list_link, status_label
from sessions_app.admin.filters import (
    SessionAgentFilter,
    SessionFilter,
    SessionProjectFilter,
    SessionUserFilter,
)
from sessions_app.admin.forms import GuardedForm, ModelForm, ObjectBox, TextListBox, check_same_project
from sessions_app.admin.redaction import RedactableAdmin
from sessions_app.costs import cost_of_run
from sessions_app.models import Message, RunMetadata
from sessions_app.models.usage import TOKEN_FIELDS

OUTCOME = ("status", "is_error", "error")
ANSWER = ("input", "content")
COST = ("model_provider", "model_id", "duration_ms", "turns")
MORE = ("user_id", "parent_run_id", "export_config_ids", "details")


class RunAddForm(ModelForm):
    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if session := given.get("session"):
            check_same_project(given.get("agent"), session.project)
        return given


class RunChangeForm(GuardedForm):
    guarded = (*OUTCOME, *ANSWER, *COST, *MORE)


@admin.register(RunMetadata)
class RunAdmin(RedactableAdmin):
    """Runs, in order under a session, else newest first."""

    redact = staticmethod(services.redact_run)
    restore = staticmethod(services.restore_run)
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
    list_filter = (
        *(SessionFilter, SessionProjectFilter, SessionAgentFilter, SessionUserFilter, AgentFilter),
        *("status", "is_error", "created_at"),
    )
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
        (_("More"), {"fields": (*MORE, "seen")}),
    )

    def get_form(
        self, request: HttpRequest, obj: RunMetadata | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = RunChangeForm if obj else RunAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: RunMetadata | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fieldsets = super().get_fieldsets(request, obj)
        if cost_of_run(obj) is None:
            return fieldsets
        return [
            (title, {**options, "fields": (*options["fields"], "cost")} if COST[0] in options["fields"] else options)
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: RunMetadata | None = None) -> tuple[str, ...]:
        identity = ("run_id", "session", "position", "agent", "messages_link", "created_at", "updated_at")
        return (*identity, *TOKEN_FIELDS, "cost", "hiding", "original_json") if obj else ()

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
        return numbers.duration(run.duration_ms)

    @admin.display(description=_("cost"))
    def cost(self, run: RunMetadata) -> str:
        return numbers.dollars(cost_of_run(run))

    @admin.display(description=_("messages"))
    def messages_link(self, run: RunMetadata) -> SafeString:
        return list_link(Message, _("Messages"), run=run.pk)

    def may_redact(self, request: HttpRequest) -> bool:
        """Hiding a run hides its messages."""
        return super().may_redact(request) and self.admin_site._registry[Message].has_change_permission(request)

    def create(self, given: dict[str, Any]) -> int:
        run, _is_new = services.record_run(**given)
        return run.pk

    def update(self, obj: RunMetadata, changed: dict[str, Any]) -> None:
        services.update_run(run=obj, **changed)

    def dependents(self, keys: list[Any]) -> list[QuerySet[Any]]:
        return [Message.objects.filter(run__in=keys)]

    def delete_model(self, request: HttpRequest, obj: RunMetadata) -> None:
        services.delete_run(run=obj)
