"""The page that reads a session like a conversation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages as notices
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from sessions_app import services
from sessions_app.admin.base import ServiceAdmin
from sessions_app.admin.sessions.actions import parts_of
from sessions_app.admin.transcript import media
from sessions_app.admin.transcript.finding import Place
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.page import Transcript
from sessions_app.admin.transcript.parameters import number, wish_of
from sessions_app.admin.transcript.sidebar import sidebar_of
from sessions_app.admin.transcript.source import part_of, run_text, text_of
from sessions_app.admin.transcript.timeline import timeline_of
from sessions_app.admin.transcript.toolbar import toolbar_of
from sessions_app.exceptions import MessageNotFound, SessionNotFound
from sessions_app.models import Message, RunMetadata, Session

TEMPLATES = "admin/sessions_app/transcript/"
View = Callable[..., HttpResponseBase]


def of_session(view: View) -> View:
    """Gives a view the session's links in place of its key: for those who may see all that a transcript shows."""

    @wraps(view)
    def checked(self: SessionTranscript, request: HttpRequest, object_id: str, *args: Any, **kw: Any) -> Any:
        session = self.transcript_session(request, object_id)
        if session is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if lacking := self.unseen(request, session):
            context = {**self.admin_site.each_context(request), "opts": self.opts, "lacking": lacking}
            return TemplateResponse(request, TEMPLATES + "forbidden.html", context, status=403)
        return view(self, request, Links(self.admin_site, request, session), *args, **kw)

    return checked


class SessionTranscript(ServiceAdmin):
    """Its addresses."""

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[str, View]] = {
            "transcript": ("transcript/", self.transcript_view),
            "transcript_piece": ("transcript/piece/", self.piece_view),
            "transcript_jump": ("transcript/jump/", self.jump_view),
            "transcript_runs": ("transcript/runs/", self.runs_view),
            "transcript_branch": ("transcript/branch/", self.branch_view),
            "transcript_text": ("transcript/text/<int:message_pk>/<int:index>/", self.text_view),
            "transcript_run_text": ("transcript/run/<int:run_pk>/<slug:column>/", self.run_text_view),
            "media": ("media/<int:message_pk>/<int:index>/", self.media_view),
        }
        ours = [
            path(f"<path:object_id>/{route}", self.admin_site.admin_view(view), name=f"sessions_app_session_{name}")
            for name, (route, view) in views.items()
        ]
        return [*ours, *super().get_urls()]

    def unseen(self, request: HttpRequest, session: Session) -> list[str]:
        """What of a transcript the reader may not see, in the plural."""
        registry = self.admin_site._registry
        models = [model for model in (RunMetadata, Message) if not registry[model].has_view_permission(request)]
        own = [] if self.has_view_permission(request, session) else [Session]
        return [str(model._meta.verbose_name_plural) for model in [*own, *models]]

    def transcript_session(self, request: HttpRequest, object_id: str) -> Session | None:
        """The session, as far as every view of it needs it."""
        rows = self.get_queryset(request).defer("details", "state", "summary", "opening")
        try:
            found: Session | None = rows.filter(pk=unquote(object_id)).first()
        except (ValueError, OverflowError):
            return None
        return found

    def _acts(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The list's actions that this user may have, by name and description."""
        known: dict[str, Any] = self.get_actions(request)
        return [(name, parts_of(action)[1]) for name, action in known.items() if name != "delete_selected"]

    @of_session
    def transcript_view(self, request: HttpRequest, links: Links) -> HttpResponseBase:
        transcript = Transcript(links.session, links, wish_of(request.GET))
        may_change = self.has_change_permission(request, links.session)
        context = {
            **self.admin_site.each_context(request),
            **transcript.context,
            **toolbar_of(transcript, may_change=may_change),
            "title": transcript.title,
            "opts": self.opts,
            "acts": self._acts(request),
            "sidebar": sidebar_of(Session.objects.for_transcript().get(pk=links.session.pk), links),
            "media": self.media,
        }
        return TemplateResponse(request, TEMPLATES + "page.html", context)

    @of_session
    def piece_view(self, request: HttpRequest, links: Links) -> HttpResponseBase:
        transcript = Transcript(links.session, links, wish_of(request.GET))
        return TemplateResponse(request, TEMPLATES + "piece.html", {**transcript.context, "part": transcript.part})

    @of_session
    def jump_view(self, request: HttpRequest, links: Links) -> HttpResponseBase:
        """Where a target is: as JSON for the page's scripts, as a redirect for everybody else."""
        transcript = Transcript(links.session, links, wish_of(request.GET))
        start = number(request.GET.get("from"))
        place = transcript.find(request.GET.get("to", ""), start, number(request.GET.get("from_run")))
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(transcript.found(place))
        if place is None:
            notices.info(request, _("Nothing further found."))
            place = Place(f"m-{start or 0}", at=start or 0)
        return redirect(transcript.address(place))

    @of_session
    def runs_view(self, request: HttpRequest, links: Links) -> HttpResponseBase:
        after, longest = (number(request.GET.get(name)) for name in ("after", "longest"))
        timeline = timeline_of(links.session.pk, links, -1 if after is None else after, longest or 0)
        return TemplateResponse(request, TEMPLATES + "timeline.html", {"timeline": timeline})

    @of_session
    def branch_view(self, request: HttpRequest, links: Links) -> HttpResponseBase:
        """A copy of the session up to a message: a session that goes on from there."""
        position = number(request.POST.get("position"))
        if request.method != "POST" or position is None or not links.may_branch:
            raise PermissionDenied
        try:
            branch = services.branch_session(session=links.session, position=position)
        except (MessageNotFound, SessionNotFound):
            notices.error(request, _("This message is no longer there."))
            return redirect(links.transcript)
        self.log_addition(request, branch, _("Branched from %(session)s.") % {"session": links.session.session_id})
        notices.success(request, _("This is the new branch. Its messages are copies."))
        return redirect(Links(self.admin_site, request, branch).transcript)

    @of_session
    def text_view(self, request: HttpRequest, links: Links, message_pk: int, index: int) -> HttpResponseBase:
        return media.plain_text(text_of(part_of(links.session.pk, message_pk, index)))

    @of_session
    def run_text_view(self, request: HttpRequest, links: Links, run_pk: int, column: str) -> HttpResponseBase:
        return media.plain_text(run_text(links.session.pk, run_pk, column))

    @of_session
    def media_view(self, request: HttpRequest, links: Links, message_pk: int, index: int) -> HttpResponseBase:
        part = part_of(links.session.pk, message_pk, index)
        data = media.decode(part.get("content")) if part["type"] == "blob" else None
        if data is None:
            raise Http404
        return media.response(data, f"message-{message_pk}-{index}")
