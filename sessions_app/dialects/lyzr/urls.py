"""Lyzr's table of endpoints."""

from __future__ import annotations

from django.urls import include, path

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.lyzr.views import (
    ActivityViewSet,
    AgentViewSet,
    BranchViewSet,
    HealthViewSet,
    SessionViewSet,
    ThreadViewSet,
    UserViewSet,
)

SESSION = "sessions/<str:session_id>"

_V1 = [
    *endpoint("sessions", SessionViewSet.as_view({"post": "create"}), "lyzr-sessions"),
    *endpoint(
        SESSION,
        SessionViewSet.as_view({"post": "create_for_agent", "get": "retrieve", "put": "update", "delete": "destroy"}),
        "lyzr-session",
    ),
    *endpoint(f"{SESSION}/history", SessionViewSet.as_view({"get": "history"}), "lyzr-session-history"),
    *endpoint(
        f"{SESSION}/<str:agent_id>/history",
        SessionViewSet.as_view({"get": "agent_history"}),
        "lyzr-session-agent-history",
    ),
    *endpoint(f"{SESSION}/conversation", SessionViewSet.as_view({"get": "conversation"}), "lyzr-session-conversation"),
    *endpoint(f"{SESSION}/summary", SessionViewSet.as_view({"get": "summary"}), "lyzr-session-summary"),
    *endpoint("agent/<str:agent_id>/sessions", AgentViewSet.as_view({"get": "sessions_of"}), "lyzr-agent-sessions"),
    *endpoint(
        "agent/<str:agent_id>/published/sessions",
        AgentViewSet.as_view({"get": "published"}),
        "lyzr-agent-published-sessions",
    ),
    *endpoint("users/<str:user_id>/sessions", UserViewSet.as_view({"get": "sessions_of"}), "lyzr-user-sessions"),
]
_V2 = [
    *endpoint("activities", ActivityViewSet.as_view({"get": "list"}), "lyzr-activities"),
]
_V3 = [
    *endpoint("sessions", ThreadViewSet.as_view({"get": "page", "post": "create"}), "lyzr-threads"),
    *endpoint(
        SESSION,
        ThreadViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "lyzr-thread",
    ),
    *endpoint(f"{SESSION}/messages", ThreadViewSet.as_view({"get": "messages"}), "lyzr-thread-messages"),
    *endpoint(f"{SESSION}/branch", BranchViewSet.as_view({"post": "create"}), "lyzr-thread-branch"),
    *endpoint(f"{SESSION}/branches", BranchViewSet.as_view({"get": "branches"}), "lyzr-thread-branches"),
    *endpoint(f"{SESSION}/tree", BranchViewSet.as_view({"get": "tree"}), "lyzr-thread-tree"),
    *endpoint(f"{SESSION}/ancestry", BranchViewSet.as_view({"get": "ancestry"}), "lyzr-thread-ancestry"),
]

urlpatterns = [
    path("v1/", include(_V1)),
    path("v2/", include(_V2)),
    path("v3/", include(_V3)),
    *endpoint("health", HealthViewSet.as_view({"get": "health"}), "lyzr-health"),
]
