"""Lyzr's table of endpoints."""

from __future__ import annotations

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

SESSION = "v1/sessions/<str:session_id>"
THREAD = "v3/sessions/<str:session_id>"

urlpatterns = [
    *endpoint("v1/sessions", SessionViewSet.as_view({"post": "create"}), "lyzr-sessions"),
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
    *endpoint("v1/agent/<str:agent_id>/sessions", AgentViewSet.as_view({"get": "sessions_of"}), "lyzr-agent-sessions"),
    *endpoint(
        "v1/agent/<str:agent_id>/published/sessions",
        AgentViewSet.as_view({"get": "published"}),
        "lyzr-agent-published-sessions",
    ),
    *endpoint("v1/users/<str:user_id>/sessions", UserViewSet.as_view({"get": "sessions_of"}), "lyzr-user-sessions"),
    *endpoint("v2/activities", ActivityViewSet.as_view({"get": "list"}), "lyzr-activities"),
    *endpoint("health", HealthViewSet.as_view({"get": "health"}), "lyzr-health"),
    *endpoint("v3/sessions", ThreadViewSet.as_view({"get": "page", "post": "create"}), "lyzr-threads"),
    *endpoint(
        THREAD,
        ThreadViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "lyzr-thread",
    ),
    *endpoint(f"{THREAD}/messages", ThreadViewSet.as_view({"get": "messages"}), "lyzr-thread-messages"),
    *endpoint(f"{THREAD}/branch", BranchViewSet.as_view({"post": "create"}), "lyzr-thread-branch"),
    *endpoint(f"{THREAD}/branches", BranchViewSet.as_view({"get": "branches"}), "lyzr-thread-branches"),
    *endpoint(f"{THREAD}/tree", BranchViewSet.as_view({"get": "tree"}), "lyzr-thread-tree"),
    *endpoint(f"{THREAD}/ancestry", BranchViewSet.as_view({"get": "ancestry"}), "lyzr-thread-ancestry"),
]
