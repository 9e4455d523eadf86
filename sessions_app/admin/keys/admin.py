"""The list of keys and the page of one."""

from __future__ import annotations

from typing import Any

import rest_framework_api_key.admin  # noqa: F401  # Registers its own key, so that no later import can.
from django.contrib import admin
from django.forms import Script
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import APIKey as UnusedAPIKey

from sessions_app.admin.changelist import Order
from sessions_app.admin.display import key_status
from sessions_app.admin.filters import ProjectFilter
from sessions_app.admin.keys.guide import guide
from sessions_app.admin.keys.making import KeyMaking
from sessions_app.admin.keys.revoking import KeyRevoking
from sessions_app.admin.moments import moment
from sessions_app.models import APIKey

if admin.site.is_registered(UnusedAPIKey):
    admin.site.unregister(UnusedAPIKey)

GIVEN = ("project", "name", "scope", "user_id", "expiry_date")
KNOWN = ("prefix", "status", "created_on", "last_used")


@admin.register(APIKey)
class APIKeyAdmin(KeyMaking, KeyRevoking):
    """The keys of all projects, each known by its prefix."""

    list_display = ("name", "prefix", "project", "scope", "user_id", "status", "created_on", "expires", "last_used")
    list_select_related = ("project",)
    list_filter = (ProjectFilter, "scope", "revoked", "created")
    default_order = Order(("-created",), columns=None)
    search_fields = ("name", "prefix", "user_id")
    search_help_text = _("Searches names, prefixes and user ids.")
    autocomplete_fields = ("project",)

    class Media:
        css = {"all": ["sessions_app/keys.css"]}
        js = [Script("sessions_app/copy.js", type="module")]

    def get_fields(self, request: HttpRequest, obj: APIKey | None = None) -> tuple[str, ...]:
        return (*GIVEN, *KNOWN) if obj else (*GIVEN, "ticket")

    def get_readonly_fields(self, request: HttpRequest, obj: APIKey | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return (*GIVEN, *KNOWN) if obj.revoked else ("project", *KNOWN)

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        key = context.get("original")
        if key and key.revoked:
            context |= dict.fromkeys(("show_save", "show_save_and_continue", "show_save_and_add_another"), False)
        elif key:
            context |= {"may_revoke": self.has_change_permission(request, key), "guide": guide(request, key)}
        return super().render_change_form(request, context, **kwargs)

    @admin.display(description=_("status"))
    def status(self, key: APIKey) -> SafeString:
        return key_status(key)

    @admin.display(description=_("created"), ordering="created")
    def created_on(self, key: APIKey) -> SafeString:
        return moment(key.created)

    @admin.display(description=_("expires"), ordering="expiry_date")
    def expires(self, key: APIKey) -> SafeString | str:
        return moment(key.expiry_date) if key.expiry_date else gettext("Never")

    @admin.display(description=_("last used"), ordering="last_used_at")
    def last_used(self, key: APIKey) -> SafeString | str:
        return moment(key.last_used_at) if key.last_used_at else gettext("Never")
