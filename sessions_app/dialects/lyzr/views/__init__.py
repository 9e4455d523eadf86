"""Lyzr's session endpoints."""

from sessions_app.dialects.lyzr.views.listings import ActivityViewSet, AgentViewSet, UserViewSet
from sessions_app.dialects.lyzr.views.sessions import SessionViewSet
from sessions_app.dialects.lyzr.views.threads import BranchViewSet, ThreadViewSet

__all__ = ["ActivityViewSet", "AgentViewSet", "BranchViewSet", "SessionViewSet", "ThreadViewSet", "UserViewSet"]
