"""Our own REST API: one module for each kind of thing."""

from sessions_app.dialects.native.views.agents import AgentViewSet
from sessions_app.dialects.native.views.messages import MessageViewSet
from sessions_app.dialects.native.views.runs import RunViewSet
from sessions_app.dialects.native.views.sessions import SessionViewSet

__all__ = ["AgentViewSet", "MessageViewSet", "RunViewSet", "SessionViewSet"]
