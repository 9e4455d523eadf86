"""What can be done to the sessions that a list has chosen, or to one from its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sessions_app import services
from sessions_app.admin import history
from sessions_app.admin.addresses import list_url, session_url
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.deletion import AT_ONCE, NAMED
from sessions_app.admin.display import short
from sessions_app.admin.sessions import downloads
from sessions_app.admin.sessions.tagging import TagsForm
from sessions_app.exceptions import MessageNotFound, SessionNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.querysets import SessionQuerySet

ACT = "sessions_app_session_act"
BRANCHED_AT_ONCE = 20
"""Sessions that are copied at once, whatever their length."""


class SessionActions(ServiceAdmin):
    """Exports, tags, copies and titles. Each of them leaves a line in the history of its sessions."""

    actions = ("export_jsonl", "export_markdown", "export_runs", "add_tags", "remove_tags", "branch", "retitle")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act_view)
        return [path("<path:object_id>/act/", view, name=ACT), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Run the action that a POST names on one session."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        session = self.get_object(request, unquote(object_id))
        if session is None:
            raise Http404
        action = self.get_actions(request).get(request.POST.get("action", ""))
        if action is None or not self.has_view_permission(request, session):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk=session.pk)
        response: Any = parts_of(action)[0](self, request, rows.all())
        if isinstance(response, HttpResponseBase):
            return response
        return HttpResponseRedirect(session_url(session.pk) if rows.exists() else list_url(Session))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Files hold runs and messages, so only those who may see these get them."""
        user: Any = request.user
        return all(
            any(user.has_perm(f"sessions_app.{verb}_{model._meta.model_name}") for verb in ("view", "change"))
            for model in (Session, RunMetadata, Message)
        )

    @admin.action(description=_("Export as JSONL"), permissions=["export"])
    def export_jsonl(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse | None:
        if not (keys := self._chosen(request, queryset)):
            return None
        self._log(request, keys, gettext("Exported as JSONL."))
        return downloads.download(downloads.jsonl(keys), "sessions.jsonl", "application/jsonl")

    @admin.action(description=_("Export as Markdown"), permissions=["export"])
    def export_markdown(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse | None:
        if not (keys := self._chosen(request, queryset)):
            return None
        self._log(request, keys, gettext("Exported as Markdown."))
        if len(keys) > 1:
            return downloads.download(downloads.markdown_archive(keys), "sessions.zip", "application/zip")
        session = Session.objects.for_reading().get(pk=keys[0])
        name = downloads.file_name(session, "md")
        return downloads.download(downloads.markdown(session), name, "text/markdown; charset=utf-8")

    @admin.action(description=_("Export runs as CSV"), permissions=["export"])
    def export_runs(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse | None:
        if not (keys := self._chosen(request, queryset)):
            return None
        self._log(request, keys, gettext("Exported the runs as CSV."))
        return downloads.download(downloads.runs_csv(keys), "runs.csv", "text/csv; charset=utf-8")

    @admin.action(description=_("Add tags…"), permissions=["change"])
    def add_tags(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        return self._tag(request, queryset, is_removal=False)

    @admin.action(description=_("Remove tags…"), permissions=["change"])
    def remove_tags(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        return self._tag(request, queryset, is_removal=True)

    @admin.action(description=_("Branch a copy"), permissions=["add"])
    def branch(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        copies, without = [], 0
        for session in downloads.stored(self._chosen(request, queryset, BRANCHED_AT_ONCE)):
            try:
                copies.append(services.branch_session(session=session, position=_last_position(session)))
            except MessageNotFound:
                without += 1
            except SessionNotFound:  # Deleted since it was chosen.
                continue
            else:
                text = gettext("Branched from %(id)s.") % {"id": session.session_id}
                self._log(request, [copies[-1].pk], text, ADDITION)
        if copies:
            text = ngettext("%(count)d session copied:", "%(count)d sessions copied:", len(copies))
            links = format_html_join(
                ", ", '<a href="{}">{}</a>', ((session_url(copy.pk), short(str(copy))) for copy in copies)
            )
            self.message_user(request, format_html("{} {}", text % {"count": len(copies)}, links), messages.SUCCESS)
        if without:
            text = ngettext(
                "%(count)d session has no messages, so there is nothing to branch from.",
                "%(count)d sessions have no messages, so there is nothing to branch from.",
                without,
            )
            self.message_user(request, text % {"count": without}, messages.WARNING)

    @admin.action(description=_("Generate titles again"), permissions=["change"])
    def retitle(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        if keys := self._chosen(request, queryset):
            changed = services.retitle_sessions(sessions=_sessions(keys))
            self._log(request, keys, gettext("Generated the title again."))
            text = ngettext("%(count)d title changed.", "%(count)d titles changed.", changed)
            self.message_user(request, text % {"count": changed}, messages.SUCCESS)

    def _tag(self, request: HttpRequest, queryset: QuerySet[Any], *, is_removal: bool) -> HttpResponseBase | None:
        if not (keys := self._chosen(request, queryset)):
            return None
        form = TagsForm(request.POST if "post" in request.POST else None, keys=keys, is_removal=is_removal)
        if not form.is_valid():
            return self._ask_for_tags(request, form, keys, is_removal=is_removal)
        names = form.cleaned_data["names"]
        changed = services.tag_sessions(sessions=_sessions(keys), **{"remove" if is_removal else "add": names})
        done = gettext("Removed tags: %(names)s.") if is_removal else gettext("Added tags: %(names)s.")
        self._log(request, keys, done % {"names": ", ".join(names)})
        text = ngettext("%(count)d session changed.", "%(count)d sessions changed.", changed)
        self.message_user(request, text % {"count": changed}, messages.SUCCESS)
        return None

    def _ask_for_tags(
        self, request: HttpRequest, form: TagsForm, keys: list[Any], *, is_removal: bool
    ) -> TemplateResponse:
        match = request.resolver_match
        is_of_one = match is not None and match.url_name == ACT
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove tags") if is_removal else _("Add tags"),
            "action": "remove_tags" if is_removal else "add_tags",
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "opts": self.opts,
            "form": form,
            "keys": keys,
            "back": session_url(keys[0]) if is_of_one else request.get_full_path(),
            "sessions": _sessions(keys[:NAMED]),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sessions_app/tag_sessions.html", context)

    def _chosen(self, request: HttpRequest, queryset: QuerySet[Any], limit: int = AT_ONCE) -> list[Any]:
        """The primary keys of the chosen sessions; none, and a message, where they are too many or gone."""
        keys = list(queryset.values_list("pk", flat=True)[: limit + 1])
        if not keys:
            self.message_user(request, _("None of these sessions is left; nothing was done."), messages.WARNING)
        if len(keys) <= limit:
            return keys
        text = _("More than %(limit)d sessions at once. Choose fewer of them; nothing was done.")
        self.message_user(request, text % {"limit": limit}, messages.ERROR)
        return []

    def _log(self, request: HttpRequest, keys: list[Any], text: str, flag: int = CHANGE) -> None:
        history.record(request, _sessions(keys).only("session_id"), flag, text)


def parts_of(action: Any) -> tuple[Any, str]:
    """What an action calls, and its description. Before Django 6.1 an action is a plain tuple."""
    if isinstance(action, tuple):
        return action[0], str(action[2])
    return action.func, str(action.description)


def _last_position(session: Session) -> int:
    """The place of the last message that is there; -1 without any."""
    last = session.messages.in_order().values_list("position", flat=True).last()
    return -1 if last is None else last


def _sessions(keys: list[Any]) -> SessionQuerySet:
    return Session.objects.filter(pk__in=keys)
