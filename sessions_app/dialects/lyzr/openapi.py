"""How Lyzr's operations are described."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from sessions_app.dialects.lyzr.serializers import AgentSessionsSerializer, SessionSummarySerializer
from sessions_app.dialects.openapi import describe, example, problems

TAGS = ["Lyzr"]
SECURITY: list[dict[str, list[str]]] = [{"ApiKeyAuth": []}]
SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")
AGENT_ID = OpenApiParameter("agent_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the agent.")

session_summary = describe(
    operation_id="getSessionSummary",
    summary="Get a session's summary",
    description="The summary object that is stored with the session; an empty object where there is none.",
    tags=TAGS,
    auth=SECURITY,
    parameters=[SESSION_ID],
    responses={
        200: OpenApiResponse(
            SessionSummarySerializer,
            description="The summary.",
            examples=[example("Summary", {"summary": {"summary": "The customer moved a booking to Tuesday."}})],
        ),
        **problems(404, 422),
    },
)

agent_sessions = describe(
    operation_id="getSessionsByAgent",
    summary="List an agent's session ids",
    description="The ids of all sessions of the agent, newest first.",
    tags=TAGS,
    auth=SECURITY,
    parameters=[AGENT_ID],
    responses={
        200: OpenApiResponse(
            AgentSessionsSerializer,
            description="The session ids.",
            examples=[example("Session ids", {"sessions": ["session_abc_123", "session_xyz_456"]})],
        ),
        **problems(404, 422),
    },
)
