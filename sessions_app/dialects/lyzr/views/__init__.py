"""Lyzr's session endpoints."""

from sessions_app.dialects.lyzr.views.listings import ActivityViewSet, AgentViewSet, HealthViewSet, UserViewSet
from sessions_app.dialects.lyzr.views.sessions import SessionViewSet
from sessions_app.dialects.lyzr.views.threads import BranchViewSet, ThreadViewSet

__all__ = [
    "ActivityViewSet",
    "AgentViewSet",
    "BranchViewSet",
    "HealthViewSet",
    "SessionViewSet",
    "ThreadViewSet",
    "UserViewSet",
]
