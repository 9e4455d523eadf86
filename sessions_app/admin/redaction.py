"""Messages and runs that people hide and restore."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sessions_app import models
from sessions_app.admin import history
from sessions_app.admin.addresses import change_url, session_url
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.display import json_block, label
from sessions_app.admin.forms import error_text
from sessions_app.exceptions import AgentSessionsError


@dataclass(frozen=True, slots=True)
class Act:
    """What the confirmation page asks for, and what is said of it afterwards."""

    name: str
    title: str | Promise
    question: str | Promise
    button: str | Promise
    done: str | Promise


REDACT = Act("redact", _("Hide"), _("Hide %(kind)s “%(name)s”?"), _("Yes, hide it"), _("Hidden."))
RESTORE = Act("restore", _("Restore"), _("Restore %(kind)s “%(name)s”?"), _("Yes, restore it"), _("Restored."))

BRANCHES = _("Branches hold copies of the messages that they share. Those are not hidden.")
MOST_BRANCHES = 10
"""That are named."""


class RedactableAdmin(ServiceAdmin):
    """Rows that can be hidden. A row that lacks any of its words is read, not edited: restore it first."""

    change_form_template = "admin/sessions_app/redactable_change_form.html"
    redact: Callable[..., list[str]]
    restore: Callable[..., None]
    hidden_fieldset = (_("Hidden"), {"fields": ("hiding", "original_json")})

    def get_urls(self) -> list[URLPattern]:
        views = {"redact": self.redact_view, "restore": self.restore_view}
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"{prefix}_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("hidden"))
    def hiding(self, obj: Any) -> SafeString | str:
        if obj.is_redacted:
            moment = formats.date_format(timezone.localtime(obj.redacted_at), "DATETIME_FORMAT")
            return format_html("{} {}", label("hidden", _("Hidden")), moment)
        return gettext("Repeats words that are hidden elsewhere in the session.")

    @admin.display(description=_("original"))
    def original_json(self, obj: Any) -> SafeString | str:
        return json_block(obj.original)

    def may_redact(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def may_reveal(self, request: HttpRequest) -> bool:
        """Whether this user sees what was hidden."""
        return bool(request.user.has_perm("sessions_app.reveal_message"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.original is None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.original is None:
            return fieldsets
        title, options = self.hidden_fieldset
        shown = options["fields"] if self.may_reveal(request) else options["fields"][:1]
        return [*fieldsets[:1], (title, {**options, "fields": shown}), *fieldsets[1:]]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        may_redact = self.may_redact(request)
        permitted = {"may_redact": may_redact, "may_restore": may_redact and self.may_reveal(request)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **permitted})

    def redact_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then hide."""
        return self._act(request, object_id, REDACT, self.may_redact(request))

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then show again."""
        return self._act(request, object_id, RESTORE, self.may_redact(request) and self.may_reveal(request))

    def _act(self, request: HttpRequest, object_id: str, act: Act, is_permitted: bool) -> HttpResponse:
        if not is_permitted:
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        back = self._way_back(request, obj)
        if request.method != "POST":
            return self._ask(request, obj, act, back)
        if obj.is_redacted is not (act is REDACT):
            self._carry_out(request, obj, act)
        return HttpResponseRedirect(back)

    def _ask(self, request: HttpRequest, obj: Any, act: Act, back: str) -> TemplateResponse:
        kind = {"kind": self.opts.verbose_name, "name": history.name_of(obj)}
        context = {
            **self.admin_site.each_context(request),
            "title": act.question % kind,
            "opts": self.opts,
            "object": obj,
            "name": kind["name"],
            "act": act,
            "is_run": isinstance(obj, models.RunMetadata),
            "sharing": _sharing(obj.session) if act is REDACT else [],
            "branches_note": BRANCHES,
            "next": back,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sessions_app/redaction_confirmation.html", context)

    def _carry_out(self, request: HttpRequest, obj: Any, act: Act) -> None:
        service: Any = type(self).redact if act is REDACT else type(self).restore
        try:
            with transaction.atomic():
                left = service(**{"run" if isinstance(obj, models.RunMetadata) else "message": obj}) or []
                history.record(request, [obj], CHANGE, str(act.done))
                if act is REDACT:
                    history.hide_words(obj.session)
        except AgentSessionsError as error:
            self.message_user(request, error_text(error), messages.ERROR)
            return
        self.message_user(request, str(act.done), messages.SUCCESS)
        if left:
            columns = [str(models.Session._meta.get_field(name).verbose_name) for name in left]  # type: ignore[union-attr]
            told = gettext("The words are still in the session's %(columns)s. Change that by hand.")
            named = {"columns": get_text_list(columns, gettext("and"))}
            self.message_user(request, told % named, messages.WARNING)
        if act is REDACT and _sharing(obj.session):
            self.message_user(request, BRANCHES, messages.WARNING)

    def _way_back(self, request: HttpRequest, obj: Any) -> str:
        wanted = request.POST.get("next") or request.GET.get("next") or ""
        if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
            return wanted
        return change_url(self.model, obj.pk)


def _sharing(session: models.Session) -> list[dict[str, str]]:
    """Where copies of a session's messages may be: what it branches from, and branches of it, as links."""
    parent = [session.parent] if session.parent else []
    branches = session.branches.order_by("-created_at")[:MOST_BRANCHES]
    return [{"url": session_url(each.pk), "name": str(each)} for each in (*parent, *branches)]
