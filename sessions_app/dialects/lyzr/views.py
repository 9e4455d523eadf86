"""Lyzr's session endpoints."""

from __future__ import annotations

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.lyzr import openapi
from sessions_app.dialects.lyzr.serializers import AgentSessionsSerializer, SessionSummarySerializer
from sessions_app.models import Agent, Session


class SessionViewSet(DialectViewSet):
    """One session."""

    @openapi.session_summary
    def summary(self, request: Request, session_id: str) -> Response:
        session = Session.objects.visible_to(self.key).with_id(session_id)
        return Response(SessionSummarySerializer(session).data)


class AgentViewSet(DialectViewSet):
    """What belongs to one agent."""

    @openapi.agent_sessions
    def sessions(self, request: Request, agent_id: str) -> Response:
        if not Agent.objects.visible_to(self.key).with_id(agent_id).exists():
            raise NotFound("Agent not found")
        sessions = Session.objects.visible_to(self.key).for_agent(agent_id).order_by("-created_at", "-pk")
        return Response(AgentSessionsSerializer(sessions.values_list("session_id", flat=True)).data)
