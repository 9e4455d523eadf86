"""How LlamaCloud's operations are described."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from sessions_app.dialects.llamacloud.event_schema import ChatFrame
from sessions_app.dialects.llamacloud.inputs import (
    ChatInputSerializer,
    PageParameters,
    ProjectParameters,
    TurnInputSerializer,
)
from sessions_app.dialects.llamacloud.serializers import (
    ChatEventsSerializer,
    ChatPageSerializer,
    ChatSerializer,
    ChatSummarySerializer,
)
from sessions_app.dialects.llamacloud.stream import MEDIA_TYPE
from sessions_app.dialects.openapi import describe, example, problems

TAGS = ["LlamaCloud"]
SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")

SUMMARY = {
    "session_id": "ses-abc123",
    "last_updated_at": "2026-04-22T12:34:41.342245",
    "shared_access": "read_only",
    "generated_title": "What were the main findings in Q3?...",
    "index_ids": ["idx-abc123", "idx-def456"],
    "job_metadata": {
        "duration_ms": 0,
        "error": "error",
        "export_config_ids": ["string"],
        "is_error": True,
        "total_input_tokens": 0,
        "total_output_tokens": 0,
        "turns": 0,
    },
}
USAGE = {"duration_ms": 1840.5, "turns": 2, "total_input_tokens": 812, "total_output_tokens": 96}
EVENTS = [
    {"type": "user_input", "content": "Which region grew fastest in the third quarter?"},
    {"type": "thinking", "content": "The reports have it."},
    {"type": "tool_call", "call_id": "call-1", "name": "search", "arguments": {"query": "growth by region"}},
    {"type": "tool_result", "call_id": "call-1", "name": "search", "result": {"hits": 3}},
    {"type": "text", "content": "The north."},
    {"type": "stop", "is_error": False, "error": None, "usage": USAGE},
]

session_list = describe(
    operation_id="listChatSessions",
    summary="List sessions",
    description="The API key's sessions, last changed first.",
    tags=TAGS,
    parameters=[PageParameters],
    responses={
        200: OpenApiResponse(
            ChatPageSerializer,
            description="A page of sessions.",
            examples=[example("Page", {"items": [SUMMARY], "next_page_token": None})],
        ),
        **problems(404, 422),
    },
)

session_create = describe(
    operation_id="createChatSession",
    summary="Create a session",
    description="A new session. The server makes its id.",
    tags=TAGS,
    parameters=[ProjectParameters],
    request=ChatInputSerializer,
    responses={
        200: OpenApiResponse(ChatSummarySerializer, description="The session."),
        **problems(400, 403, 404, 413, 422),
    },
)

session_retrieve = describe(
    operation_id="getChatSession",
    summary="Get a session with its events",
    description="A session with all that was said in it, by whatever client it was written.",
    tags=TAGS,
    parameters=[SESSION_ID, ProjectParameters],
    responses={
        200: OpenApiResponse(
            ChatSerializer, description="The session.", examples=[example("Session", {**SUMMARY, "events": EVENTS})]
        ),
        **problems(404, 422),
    },
)

session_delete = describe(
    operation_id="deleteChatSession",
    summary="Delete a session",
    description="The session goes, with its runs and messages.",
    tags=TAGS,
    parameters=[SESSION_ID, ProjectParameters],
    responses={204: OpenApiResponse(description="It is gone."), **problems(403, 404, 422)},
)

session_summary = describe(
    operation_id="getChatSessionSummary",
    summary="Get a session's summary",
    description="Title, bound indexes, and cost and outcome of the newest finished run.",
    tags=TAGS,
    parameters=[SESSION_ID, ProjectParameters],
    responses={
        200: OpenApiResponse(ChatSummarySerializer, description="The summary.", examples=[example("Summary", SUMMARY)]),
        **problems(404, 422),
    },
)

session_stream = describe(
    operation_id="streamChatMessage",
    summary="Send a message and stream the answer",
    description=(
        "Server-sent events: each a line `data: ` with one JSON event, then a blank line. The first is the "
        "`user_input`, the last a `stop`. A bound session's indexes are fixed with its first message."
    ),
    tags=TAGS,
    parameters=[SESSION_ID, ProjectParameters],
    request=TurnInputSerializer,
    responses={
        (200, MEDIA_TYPE): OpenApiResponse(ChatFrame, description="Server-sent events. `data` is an event as JSON."),
        (200, "application/json"): OpenApiResponse(
            ChatEventsSerializer, description="The whole events, where the site has chosen so."
        ),
        **problems(400, 403, 404, 413, 422),
    },
)
