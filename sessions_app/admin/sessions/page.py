"""The page of one session: its fields, and how they are saved."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.display import json_block, link, list_link, short
from sessions_app.admin.sessions.forms import SessionAddForm, SessionChangeForm
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS

PLACE = ("user_id", "project")
"""Where a session belongs: a permission of its own changes it."""


class SessionPage(ServiceAdmin):
    """The forms to make and to change a session."""

    boxes_as_read = {"tag_names": "tags", "expected_revision": None}

    autocomplete_fields = ("project", "agent")
    add_fieldsets = (
        (None, {"fields": ("project", "session_id", "type", "agent", "user_id", "name", "tag_names")}),
        (_("Data"), {"fields": ("state", "metadata", "summary", "index_ids", "shared_access")}),
    )
    fieldsets = (
        (None, {"fields": ("session_id", "name", "tag_names", "expected_revision")}),
        (_("Belongs to"), {"fields": ("user_id", "project")}),
        (
            _("Conversation"),
            {"fields": ("messages_link", "runs_link", "status", "error_count", "first_message", "last_finished")},
        ),
        (_("Data"), {"fields": ("state", "metadata", "summary", "index_ids", "shared_access")}),
        (_("Tokens"), {"fields": TOKEN_FIELDS, "classes": ("collapse",)}),
        (
            _("Origin"),
            {
                "fields": (
                    "type",
                    "agent",
                    "parent",
                    "branched_at",
                    "created_at",
                    "updated_at",
                    "details_json",
                ),
                "classes": ("collapse",),
            },
        ),
    )
    change_readonly_fields = (
        *("session_id", "messages_link", "runs_link", "status", "error_count", "first_message", "last_finished"),
        *TOKEN_FIELDS,
        *("type", "agent", "parent", "branched_at", "created_at", "updated_at", "details_json"),
    )

    def get_form(self, request: HttpRequest, obj: Session | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = SessionChangeForm if obj else SessionAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Session | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Session | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return self.change_readonly_fields if self.may_move(request) else (*self.change_readonly_fields, *PLACE)

    def may_move(self, request: HttpRequest) -> bool:
        """Whether this user may give sessions to other users and projects."""
        return bool(request.user.has_perm("sessions_app.move_session"))

    @admin.display(description=_("messages"))
    def messages_link(self, session: Session) -> SafeString:
        return list_link(Message, session.message_count, session=session.pk)

    @admin.display(description=_("runs"))
    def runs_link(self, session: Session) -> SafeString:
        return list_link(RunMetadata, session.run_count, session=session.pk)

    @admin.display(description=_("first message"))
    def first_message(self, session: Session) -> str:
        return short(session.opening or "")

    @admin.display(description=_("last finished run"))
    def last_finished(self, session: Session) -> SafeString | str:
        return link(session.last_finished_run)

    @admin.display(description=_("details"))
    def details_json(self, session: Session) -> SafeString | str:
        return json_block(session.details)

    def create(self, given: dict[str, Any]) -> int:
        return services.create_session(tags=given.pop("tag_names", ()), **given).pk

    def update(self, obj: Session, changed: dict[str, Any]) -> None:
        stored = Session.objects.get(pk=obj.pk)  # As it is without the form's values.
        to: Any = {name: changed.pop(name) for name in PLACE if name in changed}
        tags = {"tags": changed.pop("tag_names")} if "tag_names" in changed else {}
        if changed or tags:
            services.update_session(session=stored, expected_revision=obj.revision, **changed, **tags)
        if to:
            services.move_session(session=stored, **to)

    def dependents(self, keys: list[Any]) -> list[QuerySet[Any]]:
        return [RunMetadata.objects.filter(session__in=keys), Message.objects.filter(session__in=keys)]

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        services.delete_sessions(sessions=Session.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        keys = [session.pk for session in queryset]
        services.delete_sessions(sessions=Session.objects.filter(pk__in=keys))
