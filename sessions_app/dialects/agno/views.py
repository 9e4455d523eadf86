"""AgentOS' session endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.agno import openapi
from sessions_app.dialects.agno.databases import database_alias
from sessions_app.dialects.agno.errors import TYPES, error_response, invalid_type, session_not_found
from sessions_app.dialects.agno.serializers import SessionParameters, session_detail
from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.problems import Problem
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Session


class SessionViewSet(DialectViewSet):
    """Sessions of agents, teams and workflows."""

    def error_response(self, problem: Problem, error: Exception) -> Response:
        return error_response(problem, error)

    @openapi.session_detail
    def retrieve(self, request: Request, session_id: str) -> Response:
        session = self.find(session_id)
        messages = session.messages.using(session._state.db).conversation()
        shown = session_detail(session, messages)
        return Response({key: value for key, value in shown.items() if value is not None})

    def find(self, session_id: str) -> Session:
        """The session that path and query mean. Raises NotFound in AgentOS' words."""
        asked = self.parameters()
        sessions = Session.objects.using(database_alias(asked)).visible_to(self.key).select_related("agent")
        if "user_id" in asked and not self.key.is_bound:
            sessions = sessions.filter(user_id=asked["user_id"])
        type_ = asked.get("type")
        try:
            return (sessions.filter(type=type_) if type_ else sessions).with_id(session_id)
        except SessionNotFound:
            raise NotFound(session_not_found(session_id, type_)) from None

    def parameters(self) -> dict[str, Any]:
        type_ = self.request.query_params.get("type")
        if type_ is not None and type_ not in TYPES:
            raise invalid_type(type_)
        return self.query(SessionParameters)
