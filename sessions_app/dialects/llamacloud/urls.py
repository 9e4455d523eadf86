"""LlamaCloud's table of endpoints."""

from __future__ import annotations

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.llamacloud.views import ChatViewSet

CHATS = ChatViewSet.as_view({"get": "list", "post": "create"})
CHAT = ChatViewSet.as_view({"get": "retrieve", "delete": "destroy"})
SUMMARY = ChatViewSet.as_view({"get": "summary"})
STREAM = ChatViewSet.as_view({"post": "stream"})

urlpatterns = [
    *endpoint("api/v1/chat", CHATS, "llamacloud-chats"),
    *endpoint("api/v1/chat/<str:session_id>", CHAT, "llamacloud-chat"),
    *endpoint("api/v1/chat/<str:session_id>/summary", SUMMARY, "llamacloud-chat-summary"),
    *endpoint("api/v1/chat/<str:session_id>/messages/stream", STREAM, "llamacloud-chat-stream"),
]
