"""Shutting keys out: of many by an action, of one by its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin.addresses import change_url
from sessions_app.admin.keys.hiding import HiddenKeys, public
from sessions_app.models import APIKey

NAMED = 20
"""Keys that the question names; of the others it says how many there are."""


class KeyRevoking(HiddenKeys):
    """The action, and the page that asks before."""

    actions = ("revoke",)

    @admin.action(description=_("Revoke selected API keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Shut the selected keys out, for good, when the question is answered."""
        if "post" not in request.POST:
            return self._ask(request, queryset.select_related("project"))
        self._revoke(request, queryset)
        return None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        own = path("<path:object_id>/revoke/", view, name="sessions_app_apikey_revoke")
        return [own, *super().get_urls()]

    def revoke_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same for one key."""
        key = self.get_object(request, object_id)
        if not self.has_change_permission(request, key):
            raise PermissionDenied
        if key is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        keys = APIKey.objects.filter(pk=key.pk).select_related("project")
        if request.method != "POST" and not key.revoked:
            return self._ask(request, keys, one=key)
        self._revoke(request, keys)
        return HttpResponseRedirect(change_url(APIKey, key.prefix, current_app=self.admin_site.name))

    def _ask(self, request: HttpRequest, keys: QuerySet[APIKey], one: APIKey | None = None) -> HttpResponse:
        active = keys.filter(revoked=False)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Revoke API keys"),
            "opts": self.opts,
            "object": public(one) if one else None,
            "keys": active[:NAMED],
            "more": max(active.count() - NAMED, 0),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME) and keys.values_list("prefix", flat=True),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sessions_app/apikey/revoke.html", context)

    def _revoke(self, request: HttpRequest, queryset: QuerySet[APIKey]) -> None:
        keys = services.revoke_keys(keys=queryset)
        for key in keys:
            self.log_change(request, key, [{"changed": {"fields": [gettext_noop("revoked")]}}])
        text = ngettext("%(count)d API key was revoked.", "%(count)d API keys were revoked.", len(keys))
        self.message_user(request, text % {"count": len(keys)}, messages.SUCCESS)
