"""AgentOS' table of endpoints."""

from __future__ import annotations

from sessions_app.dialects.agno.views import SessionViewSet
from sessions_app.dialects.base import endpoint

urlpatterns = [
    *endpoint("sessions/<str:session_id>", SessionViewSet.as_view({"get": "retrieve"}), "agno-session"),
]
