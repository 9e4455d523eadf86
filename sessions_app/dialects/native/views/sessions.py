"""``/api/sessions``"""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import documents, exports, services
from sessions_app.dialects.fields import represented
from sessions_app.dialects.native import inputs
from sessions_app.dialects.native.openapi import sessions as openapi
from sessions_app.dialects.native.pagination import paginate
from sessions_app.dialects.native.parameters import ExportParameters, SessionListParameters, filtered, order_of
from sessions_app.dialects.native.serializers import (
    SessionDeletionSerializer,
    SessionInputSerializer,
    SessionPatchSerializer,
    SessionRowSerializer,
    SessionSerializer,
)
from sessions_app.dialects.native.views.base import NativeViewSet
from sessions_app.models import Message, Session
from sessions_app.reading import one_session

BULK = ("state", "details", "opening")
PARENT_BULK = (*BULK, "summary", "metadata", "index_ids", "name", "generated_title")
"""What can be large, and that nobody sees of a session in a list, or of the one that it branches from."""
SEEN = (
    *(field.name for field in Session._meta.concrete_fields if field.name != "opening"),
    *("agent__agent_id", "parent__session_id"),
)
"""What one session shows, but for its tags."""


class SessionViewSet(NativeViewSet):
    """Sessions."""

    @openapi.list_
    def list(self, request: Request) -> Response:
        asked = self.query(SessionListParameters)
        rows = filtered(self.sessions(), asked).select_related("agent", "parent").prefetch_related("tags")
        return paginate(
            request,
            rows.defer(*BULK, *(f"parent__{column}" for column in PARENT_BULK)),
            order=order_of(asked["sort"]),
            parameters=asked,
            serializer=SessionRowSerializer,
        )

    @openapi.create
    def create(self, request: Request) -> Response:
        asked, project = self.body(SessionInputSerializer), self.key.project
        session = self.all_or_nothing(
            lambda: services.create_session(
                project=project,
                session_id=asked.get("session_id"),
                type=asked["type"],
                **inputs.session_fields(asked),
                **inputs.new_user(self.key, asked),
                **inputs.agent_for(self.key, asked, asked["type"]),
                **inputs.parent_of(self.sessions(), asked),
            )
        )
        return Response(self.shown(session.session_id), status=201)

    @openapi.delete_many
    def destroy_many(self, request: Request) -> Response:
        asked = self.body(SessionDeletionSerializer)
        sessions = self.sessions().filter(session_id__in=asked["session_ids"])
        return Response({"deleted": services.delete_sessions(sessions=sessions)})

    @openapi.retrieve
    def retrieve(self, request: Request, session_id: str) -> Response:
        return Response(self.shown(session_id))

    @openapi.update
    def partial_update(self, request: Request, session_id: str) -> Response:
        session, asked = self.find_session(session_id), self.body(SessionPatchSerializer)
        self.all_or_nothing(
            lambda: services.update_session(
                session=session,
                expected_revision=asked.get("revision"),
                **inputs.session_fields(asked),
                **inputs.changed_user(self.key, asked),
                **inputs.agent_for(self.key, asked, session.type),
            )
        )
        return Response(self.shown(session_id))

    @openapi.delete
    def destroy(self, request: Request, session_id: str) -> Response:
        session = self.find_session(session_id)
        services.delete_sessions(sessions=self.sessions().filter(pk=session.pk))
        return Response(status=204)

    @openapi.export
    def export(self, request: Request, session_id: str) -> Response | HttpResponse:
        form = self.query(ExportParameters)["as"]
        session = self.sessions().for_reading().with_id(session_id)
        if form == "json":
            return Response(documents.document_of(session))
        messages = Message.objects.conversation(session)
        if form == "openai":
            return Response({"messages": exports.openai_messages(messages)})
        text = exports.markdown(session, messages).encode("utf-8", "replace")
        return HttpResponse(text, content_type="text/markdown; charset=utf-8")

    def shown(self, session_id: str) -> dict[str, object]:
        return represented(SessionSerializer, one_session(self.key, session_id, joined=("agent", "parent"), only=SEEN))
