"""Lyzr's table of endpoints."""

from __future__ import annotations

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.lyzr.views import AgentViewSet, SessionViewSet

urlpatterns = [
    *endpoint(
        "v1/sessions/<str:session_id>/summary", SessionViewSet.as_view({"get": "summary"}), "lyzr-session-summary"
    ),
    *endpoint("v1/agent/<str:agent_id>/sessions", AgentViewSet.as_view({"get": "sessions"}), "lyzr-agent-sessions"),
]
