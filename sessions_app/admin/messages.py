"""Messages: their payload is what people correct; everything beside it follows from it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import SHOWN_TEXT, Named, link, short
from sessions_app.admin.filters import (
    FormatFilter,
    RoleFilter,
    RunFilter,
    SessionAgentFilter,
    SessionFilter,
    SessionProjectFilter,
    SessionUserFilter,
)
from sessions_app.admin.message_forms import MessageAddForm, MessageChangeForm
from sessions_app.admin.redaction import RedactableAdmin
from sessions_app.models import Message
from sessions_app.services import NewMessage


@admin.register(Message)
class MessageAdmin(RedactableAdmin):
    """Messages, in order under a session or run, else newest first."""

    redact = staticmethod(services.redact_message)
    restore = staticmethod(services.restore_message)
    list_display = ("short_text", "session_link", "position", "role", "format", "created_at")
    list_select_related = ("session",)
    list_only = (
        "position",
        "role",
        "format",
        "created_at",
        "session__name",
        "session__generated_title",
        "session__session_id",
    )
    list_filter = (
        *(SessionFilter, SessionProjectFilter, SessionAgentFilter, SessionUserFilter, RunFilter),
        *(RoleFilter, FormatFilter, "created_at"),
    )
    orders = {"session": Order(("position",)), "run": Order(("position",))}
    search_fields = ("text",)
    search_help_text = _("Searches the text of messages.")
    raw_id_fields = ("session", "run")
    change_readonly_fields = (
        *("session", "position", "run", "role", "text", "name", "tool_call_id", "from_history"),
        *("input_tokens", "output_tokens", "total_tokens", "created_at", "hiding", "original_json"),
    )
    add_fieldsets = (
        (None, {"fields": ("session", "run")}),
        (_("Content"), {"fields": ("new_role", "new_text")}),
        (_("Raw message"), {"fields": ("payload", "format")}),
    )
    fieldsets = (
        (None, {"fields": ("session", "position", "run", "created_at")}),
        (_("Content"), {"fields": ("new_role", "new_text")}),
        (_("Raw message"), {"fields": ("payload", "format", "seen")}),
        (_("Read from the content"), {"fields": ("name", "tool_call_id", "from_history")}),
        (
            _("Tokens"),
            {"fields": ("input_tokens", "output_tokens", "total_tokens"), "classes": ("collapse",)},
        ),
    )
    boxes_as_read = {"new_role": "role", "new_text": "text", "seen": None}

    def get_form(self, request: HttpRequest, obj: Message | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = MessageChangeForm if obj else MessageAddForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        return self.change_readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return super().get_fieldsets(request, obj)

    def for_list(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().for_list(queryset).annotate(text_cut=Left("text", SHOWN_TEXT + 1))
        return rows

    def action_checkbox(self, obj: Any) -> SafeString:
        # By the start of its text: the whole of it stays in the database.
        return super().action_checkbox(Named(obj, obj.pk, short(obj.text_cut)))

    @admin.display(description=_("text"))
    def short_text(self, message: Any) -> str:
        return short(message.text_cut)

    @admin.display(description=_("session"))
    def session_link(self, message: Message) -> SafeString | str:
        return link(message.session)

    def save_model(self, request: HttpRequest, obj: Message, form: Any, change: bool) -> None:
        """The form has put into the payload what its other boxes say."""
        if change and form.changed_data:
            services.update_message(message=obj, payload=obj.payload, format=obj.format)
        elif not change:
            new = NewMessage(obj.payload, obj.format, run=obj.run)
            [message] = services.append_messages(session=obj.session, messages=[new])
            # Not every database tells the keys of rows that were inserted in bulk.
            obj.pk = obj.session.messages.at(message.position).pk
            obj.refresh_from_db()

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        services.delete_message(message=obj)
