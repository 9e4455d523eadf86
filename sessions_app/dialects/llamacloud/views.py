"""LlamaCloud's chat endpoints."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import conf, services
from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.fields import represented
from sessions_app.dialects.llamacloud import openapi
from sessions_app.dialects.llamacloud.events import history
from sessions_app.dialects.llamacloud.inputs import (
    ChatInputSerializer,
    PageParameters,
    ProjectParameters,
    TurnInputSerializer,
)
from sessions_app.dialects.llamacloud.pagination import SEEN, chat_page
from sessions_app.dialects.llamacloud.serializers import ChatPageSerializer, ChatSummarySerializer
from sessions_app.dialects.llamacloud.stream import event_stream
from sessions_app.dialects.llamacloud.turns import take_turn, turn_events
from sessions_app.dialects.wire import json_response
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.reading import one_session

_PROJECT_NAMES = {"organization_id", "project_id"}


class ChatViewSet(DialectViewSet):
    """Chat sessions. Every operation takes ``organization_id`` and ``project_id``."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not _PROJECT_NAMES & request.query_params.keys():
            return
        asked, project = self.query(ProjectParameters), self.key.project
        if any(asked[name] not in {None, getattr(project, name)} for name in _PROJECT_NAMES):
            raise NotFound("Project not found")

    @openapi.session_list
    def list(self, request: Request) -> Response:
        asked = self.query(PageParameters)
        page = chat_page(self.sessions(), size=asked["page_size"], token=asked.get("page_token"))
        return Response(represented(ChatPageSerializer, page))

    @openapi.session_create
    def create(self, request: Request) -> Response:
        asked = self.body(ChatInputSerializer)
        session = services.create_session(
            project=self.key.project,
            session_id=f"ses-{secrets.token_hex(12)}",
            user_id=self.key.user_id if self.key.is_bound else None,
            index_ids=asked.get("index_ids"),
            shared_access=asked.get("shared_access") or "",
        )
        return Response(represented(ChatSummarySerializer, session))

    @openapi.session_retrieve
    def retrieve(self, request: Request, session_id: str) -> HttpResponse:
        session = self.find(session_id)
        shown = represented(ChatSummarySerializer, session)
        return json_response({**shown, "events": history(session)})

    @openapi.session_delete
    def destroy(self, request: Request, session_id: str) -> Response:
        session = self.find(session_id)
        services.delete_sessions(sessions=self.sessions().filter(pk=session.pk))
        return Response(status=204)

    @openapi.session_summary
    def summary(self, request: Request, session_id: str) -> HttpResponse:
        return json_response(represented(ChatSummarySerializer, self.find(session_id)))

    @openapi.session_stream
    def stream(self, request: Request, session_id: str) -> HttpResponseBase:
        session = self.find(session_id)
        events = turn_events(take_turn(session=session, key=self.key, asked=self.body(TurnInputSerializer)))
        if conf.get("LLAMACLOUD_STREAM_JSON"):
            return Response({"events": [*events]})
        return event_stream(events)

    def find(self, session_id: str) -> Session:
        """The session with what a summary shows. Raises SessionNotFound."""
        return one_session(self.key, session_id, joined=("last_finished_run",), only=SEEN)

    def sessions(self) -> SessionQuerySet:
        return Session.objects.visible_to(self.key).select_related("last_finished_run")
