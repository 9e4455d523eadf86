"""AgentOS' table of endpoints."""

from __future__ import annotations

from django.urls import include, path

from sessions_app.dialects.agno.views import ConfigViewSet, PublicViewSet, RunViewSet, SessionViewSet
from sessions_app.dialects.base import endpoint

_SESSIONS = [
    *endpoint(
        "<str:session_id>",
        SessionViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        "agno-session",
    ),
    *endpoint("<str:session_id>/rename", SessionViewSet.as_view({"post": "rename"}), "agno-rename"),
    *endpoint("<str:session_id>/runs", RunViewSet.as_view({"get": "index"}), "agno-runs"),
    *endpoint("<str:session_id>/run-previews", RunViewSet.as_view({"get": "previews"}), "agno-run-previews"),
    *endpoint("<str:session_id>/runs/<str:run_id>", RunViewSet.as_view({"get": "retrieve"}), "agno-run"),
]

urlpatterns = [
    *endpoint(
        "sessions",
        SessionViewSet.as_view({"get": "index", "post": "create", "delete": "destroy_many"}),
        "agno-sessions",
    ),
    path("sessions/", include(_SESSIONS)),
    *endpoint("config", ConfigViewSet.as_view({"get": "retrieve"}), "agno-config"),
    *endpoint("health", PublicViewSet.as_view({"get": "health"}), "agno-health"),
    *endpoint("info", PublicViewSet.as_view({"get": "info"}), "agno-info"),
]
