"""API keys: made here, shown once, revoked. What would give a key away never reaches a page, an address or a log."""

from __future__ import annotations

import json
from typing import Any

import rest_framework_api_key.admin  # noqa: F401  # Registers its own key, so that no later import can.
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework_api_key.models import APIKey as UnusedAPIKey

from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import BoundedChangeList, Order
from sessions_app.admin.display import Named, label
from sessions_app.admin.filters import ProjectFilter
from sessions_app.models import APIKey

if admin.site.is_registered(UnusedAPIKey):
    admin.site.unregister(UnusedAPIKey)


def public(key: APIKey) -> Named:
    """A key for the stock pages, which name a row by its primary key: the real one holds the hash."""
    return Named(key.prefix, str(key))


class KeyChangeList(BoundedChangeList):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk_attname = "prefix"


@admin.register(APIKey)
class APIKeyAdmin(StoreAdmin):
    """The keys of all projects, each known by its prefix."""

    list_display = (
        "name",
        "prefix",
        "project",
        "scope",
        "user_id",
        "status",
        "created",
        "expiry_date",
        "last_used_at",
    )
    list_select_related = ("project",)
    list_filter = (ProjectFilter, "scope", "revoked", "created")
    default_order = Order(("-created",), columns=None)
    search_fields = ("name", "prefix", "user_id")
    search_help_text = _("Searches names, prefixes and user ids.")
    autocomplete_fields = ("project",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: APIKey | None = None) -> tuple[str, ...]:
        given = ("project", "name", "scope", "user_id", "expiry_date")
        return (*given, "revoked", "prefix", "status", "created", "last_used_at") if obj else given

    def get_readonly_fields(self, request: HttpRequest, obj: APIKey | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        fixed = ("project", "prefix", "status", "created", "last_used_at")
        return self.get_fields(request, obj) if obj.revoked else fixed

    @admin.display(description=_("status"))
    def status(self, key: APIKey) -> SafeString:
        if key.revoked:
            return label("error", _("Revoked"))
        return label("cancelled", _("Expired")) if key.has_expired else label("completed", _("Active"))

    @admin.action(description=_("Revoke selected API keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Shut the selected keys out, for good."""
        keys = list(queryset.filter(revoked=False))
        queryset.order_by().filter(revoked=False).update(revoked=True)
        for key in keys:
            self.log_change(request, key, [{"changed": {"fields": [_gettext("revoked")]}}])
        text = ngettext("%(count)d API key was revoked.", "%(count)d API keys were revoked.", len(keys))
        self.message_user(request, text % {"count": len(keys)}, messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: APIKey, form: Any, change: bool) -> None:
        if change:
            obj.save(update_fields=form.changed_data)
            return
        secret = APIKey.objects.assign_key(obj)
        obj.save(force_insert=True)
        text = _gettext("The API key “{}” is {}. Keep it now: it is never shown again.")
        self.message_user(
            request, format_html(text, obj.name, format_html("<code>{}</code>", secret)), messages.WARNING
        )

    def response_add(self, request: HttpRequest, obj: APIKey, post_url_continue: str | None = None) -> HttpResponse:
        return self.response_post_save_add(request, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return KeyChangeList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> APIKey | None:
        found: APIKey | None = (
            self.get_queryset(request).filter(prefix=object_id).first() if object_id.isalnum() else None
        )
        return found

    def action_checkbox(self, obj: APIKey) -> SafeString:
        return super().action_checkbox(public(obj))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        post = request.POST.copy()
        prefixes = [prefix for prefix in post.getlist(ACTION_CHECKBOX_NAME) if prefix.isalnum()]
        post.setlist(ACTION_CHECKBOX_NAME, list(queryset.filter(prefix__in=prefixes).values_list("pk", flat=True)))
        request.POST = post  # type: ignore[assignment]
        return super().response_action(request, queryset, *args, **kwargs)

    def get_actions(self, request: HttpRequest, action_location: Any = None) -> dict[str, Any]:
        """Without the deletion of many: its page carries primary keys. Django before 6.1 knows no location."""
        where = {} if action_location is None else {"action_location": action_location}
        actions = super().get_actions(request, **where)
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        # After a key was made comes the list, whose top shows the key.
        hidden = {} if object_id else {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, {**hidden, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        if key := context.get("original"):
            context["original"] = public(key)
        return super().render_change_form(request, context, **kwargs)

    def render_delete_form(self, request: HttpRequest, context: Any) -> Any:
        context["object"] = public(context["object"])
        return super().render_delete_form(request, context)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["object"] = public(response.context_data["object"])
        return response

    def deletion_label(self, obj: APIKey) -> str:
        return f"{obj.name} ({obj.prefix})"

    def log_addition(self, request: HttpRequest, obj: APIKey, message: Any) -> LogEntry:
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: APIKey, message: Any) -> LogEntry:
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        return [self._log(request, key, DELETION, []) for key in queryset]

    def _log(self, request: HttpRequest, key: APIKey, flag: int, message: Any) -> LogEntry:
        return LogEntry.objects.create(
            user_id=str(request.user.pk),
            content_type=ContentType.objects.get_for_model(key),
            object_id=key.prefix,
            object_repr=str(key)[:200],
            action_flag=flag,
            change_message=json.dumps(message) if isinstance(message, list) else message,
        )
