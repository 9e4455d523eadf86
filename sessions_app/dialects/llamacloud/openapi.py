"""How LlamaCloud's operations are described."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from sessions_app.dialects.llamacloud.serializers import ChatSummarySerializer, ProjectParameters
from sessions_app.dialects.openapi import describe, example, problems

TAGS = ["LlamaCloud"]
SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")

SUMMARY = {
    "session_id": "ses-abc123",
    "last_updated_at": "2026-04-22T12:34:41.342245",
    "shared_access": "read_only",
    "generated_title": "Which region grew fastest in the third quarter?",
    "index_ids": ["idx-abc123", "idx-def456"],
    "job_metadata": {
        "duration_ms": 1840.5,
        "error": None,
        "export_config_ids": None,
        "is_error": False,
        "total_input_tokens": 812,
        "total_output_tokens": 96,
        "turns": 2,
    },
}

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
