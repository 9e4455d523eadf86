"""LlamaCloud's table of endpoints."""

from __future__ import annotations

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.llamacloud.views import ChatViewSet

urlpatterns = [
    *endpoint(
        "api/v1/chat/<str:session_id>/summary", ChatViewSet.as_view({"get": "summary"}), "llamacloud-chat-summary"
    ),
]
