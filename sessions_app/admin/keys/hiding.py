"""Keys by their prefix: the stock pages, addresses and logs name a row by its primary key, which holds the hash."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from sessions_app.admin.base import StoreAdmin
from sessions_app.admin.changelist import BoundedChangeList
from sessions_app.admin.display import Named
from sessions_app.models import APIKey


def public(key: APIKey) -> Named:
    """A key for the stock pages, by what they may show of it."""
    return Named(key, key.prefix, str(key))


def log_entries(prefix: str) -> QuerySet[LogEntry]:
    """What the admin's history knows of the key with this prefix, also of one that is gone."""
    return LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(APIKey), object_id=prefix)


def without_window(request: HttpRequest) -> HttpRequest:
    """A request for a page of its own: a window that chooses for a form would hand over the primary key."""
    for name in ("GET", "POST"):
        given = getattr(request, name).copy()
        given.pop(IS_POPUP_VAR, None)
        setattr(request, name, given)
    return request


class KeyChangeList(BoundedChangeList):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk_attname = "prefix"


class HiddenKeys(StoreAdmin):
    """Puts the prefix wherever the stock admin would put the primary key."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return KeyChangeList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(without_window(request), extra_context)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        return super().changeform_view(without_window(request), object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return super().delete_view(without_window(request), object_id, extra_context)

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
