"""Our own table of endpoints."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.native.views import AgentViewSet, MessageViewSet, RunViewSet, SessionViewSet

LIST: Any = {"get": "list", "post": "create"}
DETAIL: Any = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
SESSION = "sessions/<str:session_id>"

urlpatterns = [
    path(
        "api/",
        include(
            [
                *endpoint("agents", AgentViewSet.as_view(LIST), "agent-list"),
                *endpoint("agents/<str:agent_id>", AgentViewSet.as_view(DETAIL), "agent-detail"),
                *endpoint("sessions", SessionViewSet.as_view({**LIST, "delete": "destroy_many"}), "session-list"),
                *endpoint(SESSION, SessionViewSet.as_view(DETAIL), "session-detail"),
                *endpoint(f"{SESSION}/export", SessionViewSet.as_view({"get": "export"}), "session-export"),
                *endpoint(f"{SESSION}/messages", MessageViewSet.as_view(LIST), "message-list"),
                *endpoint(f"{SESSION}/messages/<str:position>", MessageViewSet.as_view(DETAIL), "message-detail"),
                *endpoint(f"{SESSION}/runs", RunViewSet.as_view(LIST), "run-list"),
                *endpoint(f"{SESSION}/runs/<str:run_id>", RunViewSet.as_view(DETAIL), "run-detail"),
            ]
        ),
    ),
]
