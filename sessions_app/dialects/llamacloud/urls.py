"""LlamaCloud's table of endpoints."""

from __future__ import annotations

from django.urls import include, path

from sessions_app.dialects.base import endpoint
from sessions_app.dialects.llamacloud.views import ChatViewSet

CHATS = ChatViewSet.as_view({"get": "list", "post": "create"})
CHAT = ChatViewSet.as_view({"get": "retrieve", "delete": "destroy"})
SUMMARY = ChatViewSet.as_view({"get": "summary"})
STREAM = ChatViewSet.as_view({"post": "stream"})

urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                *endpoint("chat", CHATS, "llamacloud-chats"),
                *endpoint("chat/<str:session_id>", CHAT, "llamacloud-chat"),
                *endpoint("chat/<str:session_id>/summary", SUMMARY, "llamacloud-chat-summary"),
                *endpoint("chat/<str:session_id>/messages/stream", STREAM, "llamacloud-chat-stream"),
            ]
        ),
    ),
]
