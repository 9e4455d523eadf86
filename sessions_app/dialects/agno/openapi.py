"""How AgentOS' operations are described."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from sessions_app.dialects.agno.serializers import (
    AgentSessionDetail,
    SessionParameters,
    TeamSessionDetail,
    WorkflowSessionDetail,
)
from sessions_app.dialects.openapi import describe, example, problems

TAGS = ["Agno"]
SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")

SESSION = PolymorphicProxySerializer(
    "SessionDetail", [AgentSessionDetail, TeamSessionDetail, WorkflowSessionDetail], resource_type_field_name=None
)

AGENT_SESSION = {
    "user_id": "maria",
    "agent_session_id": "support-17",
    "session_id": "support-17",
    "session_name": "Where is my parcel?",
    "session_summary": {"summary": "The parcel arrives on Friday.", "updated_at": "2025-09-05T18:02:12.269392"},
    "session_state": {},
    "agent_id": "support",
    "total_tokens": 160,
    "agent_data": {"name": "Support", "agent_id": "support", "model": {"provider": "OpenAI", "id": "gpt-4o"}},
    "metrics": {"input_tokens": 134, "output_tokens": 26, "total_tokens": 160},
    "chat_history": [
        {
            "content": "Where is my parcel?",
            "from_history": False,
            "stop_after_tool_call": False,
            "role": "user",
            "created_at": 1757088129,
        }
    ],
    "created_at": "2025-09-05T16:02:09Z",
    "updated_at": "2025-09-05T16:02:09Z",
}

session_detail = describe(
    operation_id="get_session_by_id",
    summary="Get a session",
    description="One session in the shape of its type, with its chat history. Fields that are null are left out.",
    tags=TAGS,
    parameters=[SESSION_ID, SessionParameters],
    responses={
        200: OpenApiResponse(SESSION, description="The session.", examples=[example("Agent session", AGENT_SESSION)]),
        **problems(400, 404, 422),
    },
)
