"""Messages: their payload is what people correct; everything beside it follows from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from sessions_app import formats, services
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.changelist import Order
from sessions_app.admin.display import SHOWN_TEXT, Named, link, short
from sessions_app.admin.filters import FormatFilter, RoleFilter, RunFilter, SessionFilter
from sessions_app.admin.forms import ModelForm, explain
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Message
from sessions_app.services import NewMessage
from sessions_app.services.messages import build_messages


class MessageForm(ModelForm):
    format = forms.ChoiceField(label=_("Format"), initial=formats.DEFAULT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict.fromkeys([*formats.names(), self.instance.format])
        self.fields["format"].choices = [(name, name) for name in known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "payload" in given and "format" in given:
            try:
                build_messages([NewMessage(given["payload"], given["format"])])
            except InvalidValue as error:
                inner = InvalidValue(error.message, location=error.location[1:], code=error.code)
                self.add_error("format" if inner.location == ("format",) else "payload", explain(inner))
        return given


@admin.register(Message)
class MessageAdmin(ServiceAdmin):
    """Messages, in order under a session or run, else newest first."""

    form = MessageForm
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
    list_filter = (SessionFilter, RunFilter, RoleFilter, FormatFilter, "created_at")
    orders = {"session": Order(("position",)), "run": Order(("position",))}
    search_fields = ("text",)
    search_help_text = _("Searches the text of messages.")
    raw_id_fields = ("session",)
    change_readonly_fields = (
        *("session", "position", "run", "role", "text", "name", "tool_call_id", "from_history"),
        *("input_tokens", "output_tokens", "total_tokens", "created_at"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        return self.change_readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["session", "payload", "format"]})]
        return super().get_fieldsets(request, obj)

    fieldsets = (
        (None, {"fields": ("session", "position", "run", "created_at")}),
        (_("Content"), {"fields": ("payload", "format")}),
        (
            _("Read from the content"),
            {"fields": ("role", "text", "name", "tool_call_id", "from_history")},
        ),
        (
            _("Tokens"),
            {"fields": ("input_tokens", "output_tokens", "total_tokens"), "classes": ("collapse",)},
        ),
    )

    def for_list(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().for_list(queryset).annotate(text_cut=Left("text", SHOWN_TEXT + 1))
        return rows

    def action_checkbox(self, obj: Any) -> SafeString:
        # By the start of its text: the whole of it stays in the database.
        return super().action_checkbox(Named(obj.pk, short(obj.text_cut)))

    @admin.display(description=_("text"))
    def short_text(self, message: Any) -> str:
        return short(message.text_cut)

    @admin.display(description=_("session"))
    def session_link(self, message: Message) -> SafeString | str:
        return link(message.session)

    def create(self, given: dict[str, Any]) -> Any:
        session = given["session"]
        new = NewMessage(given["payload"], given.get("format", formats.DEFAULT))
        [message] = services.append_messages(session=session, messages=[new])
        # Not every database tells the keys of rows that were inserted in bulk.
        return session.messages.at(message.position).pk

    def update(self, obj: Message, changed: dict[str, Any]) -> None:
        services.update_message(message=obj, payload=obj.payload, format=obj.format)

    def delete_model(self, request: HttpRequest, obj: Message) -> None:
        services.delete_message(message=obj)
