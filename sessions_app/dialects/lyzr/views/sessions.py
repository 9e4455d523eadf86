"""``/v1/sessions``"""

from __future__ import annotations

import json
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import services
from sessions_app.dialects.fields import represented
from sessions_app.dialects.lyzr import messages, openapi
from sessions_app.dialects.lyzr.inputs import (
    LyzrHistoryParameters,
    LyzrNewAgentSessionSerializer,
    LyzrNewSessionSerializer,
    LyzrSessionUpdateSerializer,
)
from sessions_app.dialects.lyzr.serializers import (
    LyzrSessionSerializer,
    LyzrUpdatedSessionSerializer,
    SessionSummarySerializer,
)
from sessions_app.dialects.lyzr.views.base import LyzrViewSet, is_observed, new_id
from sessions_app.dialects.problems import FieldError
from sessions_app.models import Session
from sessions_app.transactions import atomic_write


class OwnerConflict(APIException):
    status_code = 409
    default_detail = "The session belongs to another user"
    default_code = "owner_conflict"


class SessionViewSet(LyzrViewSet):
    """Sessions, and what was said in them."""

    def path_errors(self, kwargs: dict[str, Any]) -> list[FieldError]:
        """The URL of a session is also where an agent gets a new one: there the segment is the agent's id."""
        if self.action == "create_for_agent":
            kwargs = {"agent_id": kwargs["session_id"]}
        return super().path_errors(kwargs)

    @openapi.session_create
    def create(self, request: Request) -> Response:
        asked = self.body(LyzrNewSessionSerializer)
        return self.made(asked, asked.get("agent_id"))

    @openapi.session_create_for_agent
    def create_for_agent(self, request: Request, session_id: str) -> Response:
        return self.made(self.body(LyzrNewAgentSessionSerializer), agent_id=session_id)

    @openapi.session_retrieve
    def retrieve(self, request: Request, session_id: str) -> Response:
        return Response(represented(LyzrSessionSerializer, self.find(session_id)))

    @openapi.session_update
    def update(self, request: Request, session_id: str) -> Response:
        session, asked = self.find(session_id), self.body(LyzrSessionUpdateSerializer)
        updated = _update(session, asked["user_id"], asked["metadata"] or {})
        return Response(represented(LyzrUpdatedSessionSerializer, updated))

    @openapi.session_delete
    def destroy(self, request: Request, session_id: str) -> Response:
        return Response(self.deleted(session_id))

    @openapi.session_history
    def history(self, request: Request, session_id: str) -> Response:
        asked, session = self.query(LyzrHistoryParameters), self.find(session_id)
        items = messages.whole_history(session, unix=bool(asked["unix"]))
        return Response(items if is_observed() else {"history": items})

    @openapi.session_agent_history
    def agent_history(self, request: Request, session_id: str, agent_id: str) -> Response:
        asked, session = self.query(LyzrHistoryParameters), self.find(session_id)
        items = messages.history(messages.of_agent(session, agent_id), unix=bool(asked["unix"]))
        if not items:
            self.check_agent(agent_id)
        return Response(items if is_observed() else {"history": items})

    @openapi.session_conversation
    def conversation(self, request: Request, session_id: str) -> Response:
        items = messages.whole_history(self.find(session_id))
        return Response({"payload": messages.transcript(items)} if is_observed() else {"conversation": items})

    @openapi.session_summary
    def summary(self, request: Request, session_id: str) -> Response:
        shown = represented(SessionSummarySerializer, self.find(session_id, bulk="summary"))
        return Response({"payload": json.dumps(shown["summary"], ensure_ascii=False)} if is_observed() else shown)

    def made(self, asked: dict[str, Any], agent_id: str | None) -> Response:
        session = self.make(
            session_id=new_id(), agent_id=agent_id, user_id=asked.get("user_id"), metadata=asked.get("metadata") or {}
        )
        return Response({"session_id": session.session_id})


@atomic_write
def _update(session: Session, user_id: str, metadata: dict[str, Any]) -> Session:
    """Replace the metadata, and set the owner of a session that has none. Raises OwnerConflict."""
    updated = services.update_session(session=session, metadata=metadata)  # Also locks it, so its owner is final.
    if not updated.user_id:
        return services.update_session(session=session, user_id=user_id)
    if updated.user_id != user_id:
        raise OwnerConflict
    return updated
