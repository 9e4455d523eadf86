"""How Lyzr's operations of ``/v1`` and ``/v2`` are described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from sessions_app.dialects.lyzr import inputs, serializers
from sessions_app.dialects.openapi import describe, example, problems

TAGS = ["Lyzr"]
SECURITY: list[dict[str, list[str]]] = [{"ApiKeyAuth": []}]
READ = (404, 422)
WRITE = (400, 403, 404, 409, 413, 422)
MAKE = (400, 403, 413, 422)
OBSERVED = ' With `LYZR_RESPONSE_SHAPES` set to "observed", '


def path_id(name: str, description: str, *examples: str) -> OpenApiParameter:
    shown = [OpenApiExample(name, value=value) for value in examples]
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description, examples=shown)


SESSION_ID = path_id("session_id", "Id of the session.")
AGENT_ID = path_id("agent_id", "Id of the agent.")
TIMEOUT = OpenApiParameter("timeout", OpenApiTypes.STR, description="Taken, and not used.")
MOMENT = "2024-09-06T08:54:01.978000"
ITEMS = [
    {"role": "user", "content": "Where is my parcel?", "created_at": MOMENT},
    {"role": "assistant", "content": "It arrives on Tuesday.", "created_at": "2024-09-06T08:54:03.120000"},
]


def operation(
    operation_id: str,
    summary: str,
    description: str,
    answer: Any,
    shown: Any,
    *,
    errors: tuple[int, ...] = READ,
    parameters: list[Any] | None = None,
    request: Any = None,
) -> Callable[[Any], Any]:
    """An operation whose success is 200 with ``answer``, of which ``shown`` is an example."""
    examples = [] if shown is None else [example("Answer", shown)]
    return describe(
        operation_id=operation_id,
        summary=summary,
        description=description,
        tags=TAGS,
        auth=SECURITY,
        parameters=parameters or [],
        request=request,
        responses={
            200: OpenApiResponse(answer, description="The answer.", examples=examples),
            **problems(*errors),
        },
    )


session_create = operation(
    "createLyzrSession",
    "Create a session",
    "The server makes the id: 24 hex digits.",
    serializers.LyzrSessionIdSerializer,
    {"session_id": "66e2a2a6a64b2c361cb39286"},
    errors=MAKE,
    request=inputs.LyzrNewSessionSerializer,
)
session_create_for_agent = operation(
    "createLyzrAgentSession",
    "Create a session of an agent",
    "On the URL of a session, but here the path holds the id of an agent; it is made on its first mention.",
    serializers.LyzrSessionIdSerializer,
    {"session_id": "66e2a2a6a64b2c361cb39286"},
    errors=MAKE,
    parameters=[path_id("session_id", "Id of the agent.")],
    request=inputs.LyzrNewAgentSessionSerializer,
)
session_retrieve = operation(
    "getLyzrSession",
    "Get a session",
    "Whose it is, and whether an agent is at work in it.",
    serializers.LyzrSessionSerializer,
    {
        "active": False,
        "session_id": "IITZ",
        "_id": "66dac329a64b2c361cb39286",
        "user_id": "123",
        "created_at": MOMENT,
    },
    parameters=[SESSION_ID, TIMEOUT],
)
session_update = operation(
    "updateLyzrSession",
    "Update a session",
    "Replaces the metadata. The user of a session may be set once; another one is a 409.",
    serializers.LyzrUpdatedSessionSerializer,
    {"session_id": "IITZ", "metadata": {"title": "A parcel"}},
    errors=WRITE,
    parameters=[SESSION_ID],
    request=inputs.LyzrSessionUpdateSerializer,
)
session_delete = operation(
    "deleteLyzrSession",
    "Delete a session",
    "With all its messages; branches of it stay.",
    serializers.LyzrDeletedSessionSerializer,
    {"session_id": "IITZ", "deleted": True},
    errors=(403, 404, 422),
    parameters=[SESSION_ID],
)
session_history = operation(
    "getLyzrSessionHistory",
    "Get a session's history",
    f"What user and assistant said, oldest first.{OBSERVED}the bare list.",
    serializers.LyzrHistorySerializer,
    {"history": ITEMS},
    parameters=[SESSION_ID, inputs.LyzrHistoryParameters],
)
session_agent_history = operation(
    "getLyzrSessionAgentHistory",
    "Get one agent's part of a session's history",
    f"The messages of this agent's runs; in a session of this agent also those of no run.{OBSERVED}the bare list.",
    serializers.LyzrHistorySerializer,
    {"history": ITEMS},
    parameters=[SESSION_ID, AGENT_ID, inputs.LyzrHistoryParameters],
)
session_conversation = operation(
    "getLyzrSessionConversation",
    "Get a session's conversation",
    f'The items of the history.{OBSERVED}`{{"payload": "user: ...\\nassistant: ..."}}`.',
    serializers.LyzrConversationSerializer,
    {"conversation": ITEMS},
    parameters=[SESSION_ID],
)
session_summary = operation(
    "getSessionSummary",
    "Get a session's summary",
    "The summary object that is stored with the session; an empty object where there is none."
    f"{OBSERVED}the same as JSON text in `payload`.",
    serializers.SessionSummarySerializer,
    {"summary": {}},
    parameters=[path_id("session_id", "Id of the session.", "12344456734")],
)
agent_sessions = operation(
    "getSessionsByAgent",
    "List an agent's session ids",
    f"The ids of all sessions of the agent, newest first.{OBSERVED}a list of objects with `session_id`, "
    "`session_name`, `user_id` and `created_at`.",
    serializers.AgentSessionsSerializer,
    {"sessions": ["session_abc_123", "session_xyz_456"]},
    parameters=[path_id("agent_id", "Id of the agent.", "123444544354")],
)
agent_published_sessions = operation(
    "getLyzrPublishedSessions",
    "List an agent's published session ids",
    "The ids of the agent's sessions whose metadata has `published: true`, newest first."
    f"{OBSERVED}a list of objects with `agent_id`, `session_id`, `session_name`, `metadata` and `created_at`.",
    serializers.LyzrPublishedSessionsSerializer,
    {"published_sessions": ["pub_session_id_1", "pub_session_id_2"]},
    parameters=[AGENT_ID],
)
user_sessions = operation(
    "getLyzrUserSessions",
    "List a user's sessions",
    "Newest first; none of a user that nobody has heard of.",
    serializers.LyzrUserSessionSerializer(many=True),
    None,
    errors=(422,),
    parameters=[path_id("user_id", "Id of the user.")],
)
activities = operation(
    "getLyzrActivities",
    "List what agents did for a user in a session",
    "Thoughts, calls of tools and what those answered, oldest first; none where user or session are unknown.",
    serializers.LyzrActivitySerializer(many=True),
    None,
    errors=(422,),
    parameters=[inputs.LyzrActivityParameters],
)
