"""How AgentOS' operations are described."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from sessions_app.dialects.agno import shapes
from sessions_app.dialects.agno.errors import STATUSES, TYPES
from sessions_app.dialects.openapi import ProblemSerializer, describe, example, problems
from sessions_app.models.usage import TOKEN_FIELDS

TAGS = ["Agno"]


def _path(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description)


def _query(name: str, description: str, type: Any = OpenApiTypes.STR, **kwargs: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type, OpenApiParameter.QUERY, description=description, **kwargs)


SESSION_ID = _path("session_id", "Id of the session.")
TYPE = _query("type", "Type of the session. A session of another type is not found.", enum=TYPES)
USER_ID = _query("user_id", "Only this user's. A key that is bound to a user goes before it.")
DB_ID = _query("db_id", "Id of the database; needed where there are several.")
TABLE = _query("table", "`agno_sessions`, where `db_id` is given.")
DELETE_MEDIA = _query("delete_media", "True is refused: media are kept elsewhere.", OpenApiTypes.BOOL, default=False)
OF_A_SESSION = [SESSION_ID, TYPE, USER_ID, DB_ID, TABLE]
OF_RUNS = [
    *OF_A_SESSION,
    _query("status", "Only runs of these statuses, in any case.", enum=STATUSES, many=True),
    _query("created_after", "Epoch seconds, inclusive.", OpenApiTypes.INT64),
    _query("created_before", "Epoch seconds, inclusive.", OpenApiTypes.INT64),
]

SESSION = PolymorphicProxySerializer(
    "SessionDetail",
    [shapes.AgentSessionDetail, shapes.TeamSessionDetail, shapes.WorkflowSessionDetail],
    resource_type_field_name=None,
)
RUN = PolymorphicProxySerializer(
    "AgnoRun", [shapes.AgentRun, shapes.TeamRun, shapes.WorkflowRun], resource_type_field_name=None
)
RUNS = PolymorphicProxySerializer(
    "AgnoRun", [shapes.AgentRun, shapes.TeamRun, shapes.WorkflowRun], resource_type_field_name=None, many=True
)

AGENT_SESSION = {
    "user_id": "123",
    "agent_session_id": "6f6cfbfd-9643-479a-ae47-b8f32eb4d710",
    "session_id": "6f6cfbfd-9643-479a-ae47-b8f32eb4d710",
    "session_name": "What tools do you have?",
    "session_summary": {
        "summary": "The user asked which tools there are; there are none.",
        "updated_at": "2025-09-05T18:02:12.269392",
    },
    "session_state": {},
    "agent_id": "basic-agent",
    "total_tokens": 160,
    "agent_data": {
        "name": "Basic Agent",
        "agent_id": "basic-agent",
        "model": {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o"},
    },
    "metrics": dict.fromkeys(TOKEN_FIELDS, 0) | {"input_tokens": 134, "output_tokens": 26, "total_tokens": 160},
    "chat_history": [
        {
            "content": "What tools do you have?",
            "from_history": False,
            "stop_after_tool_call": False,
            "role": "user",
            "created_at": 1757088129,
        }
    ],
    "created_at": "2025-09-05T16:02:09Z",
    "updated_at": "2025-09-05T16:02:09Z",
}

AN_ANSWER = OpenApiResponse(SESSION, description="The session.", examples=[example("Agent session", AGENT_SESSION)])
NO_MEDIA = {503: OpenApiResponse(ProblemSerializer, description="Media are kept elsewhere.")}

sessions = describe(
    operation_id="get_sessions",
    summary="List sessions",
    description="A page of sessions, newest first unless asked otherwise.",
    tags=TAGS,
    parameters=[
        _query("type", "Only sessions of this type.", enum=TYPES),
        _query("component_id", "Only sessions of this agent, team or workflow."),
        USER_ID,
        _query("session_name", "Only sessions with this in their shown name, in any case."),
        _query("limit", "Sessions on a page.", OpenApiTypes.INT, default=20),
        _query("page", "Number of the page, from 1.", OpenApiTypes.INT, default=1),
        _query("sort_by", "A field of stored sessions; any other is ignored.", default="created_at"),
        _query("sort_order", "Direction.", enum=["asc", "desc"], default="desc"),
        DB_ID,
        TABLE,
    ],
    responses={200: OpenApiResponse(shapes.AgnoSessionPage, description="The page."), **problems(400, 404, 422)},
)

create_session = describe(
    operation_id="create_session",
    summary="Make a session",
    description="A new session without runs.",
    tags=TAGS,
    parameters=[_query("type", "Type of the session.", enum=TYPES, default="agent"), DB_ID],
    request=shapes.AgnoCreateSession,
    responses={201: OpenApiResponse(SESSION, description="The session."), **problems(400, 403, 404, 409, 422)},
)

delete_sessions = describe(
    operation_id="delete_sessions",
    summary="Delete sessions",
    description="Sessions that are not there, or not the user's, are passed over.",
    tags=TAGS,
    parameters=[USER_ID, DB_ID, TABLE, DELETE_MEDIA],
    request=shapes.AgnoDeleteSessions,
    responses={204: OpenApiResponse(description="They are gone."), **problems(400, 403, 404, 422), **NO_MEDIA},
)

session_detail = describe(
    operation_id="get_session_by_id",
    summary="Get a session",
    description="One session in the shape of its type, with its chat history. Fields that are null are left out.",
    tags=TAGS,
    parameters=OF_A_SESSION,
    responses={200: AN_ANSWER, **problems(400, 404, 422)},
)

update_session = describe(
    operation_id="update_session",
    summary="Change a session",
    description="Name, state, metadata or summary. Fields that are null are in the answer.",
    tags=TAGS,
    parameters=OF_A_SESSION,
    request=shapes.AgnoUpdateSession,
    responses={200: AN_ANSWER, **problems(400, 403, 404, 422)},
)

rename_session = describe(
    operation_id="rename_session",
    summary="Rename a session",
    description="Gives the session a name. Fields that are null are in the answer.",
    tags=TAGS,
    parameters=OF_A_SESSION,
    request=shapes.AgnoRenameSession,
    responses={200: AN_ANSWER, **problems(400, 403, 404, 422)},
)

delete_session = describe(
    operation_id="delete_session",
    summary="Delete a session",
    description="With its runs. It need not be there.",
    tags=TAGS,
    parameters=[SESSION_ID, USER_ID, DB_ID, TABLE, DELETE_MEDIA],
    responses={204: OpenApiResponse(description="It is gone."), **problems(400, 403, 404, 422), **NO_MEDIA},
)

runs = describe(
    operation_id="get_session_runs",
    summary="List the runs of a session",
    description="All of them, in order. Fields that are null are left out.",
    tags=TAGS,
    parameters=OF_RUNS,
    responses={200: OpenApiResponse(RUNS, description="The runs."), **problems(400, 404, 422)},
)

run_previews = describe(
    operation_id="get_session_run_previews",
    summary="List the runs of a session in short",
    description="All of them, in order, with the beginnings of their texts.",
    tags=TAGS,
    parameters=OF_RUNS,
    responses={200: OpenApiResponse(shapes.RunPreview(many=True), description="The runs."), **problems(400, 404, 422)},
)

run = describe(
    operation_id="get_session_run",
    summary="Get a run",
    description="One run of a session. Fields that are null are in the answer.",
    tags=TAGS,
    parameters=[*OF_A_SESSION, _path("run_id", "Id of the run.")],
    responses={200: OpenApiResponse(RUN, description="The run."), **problems(400, 404, 422)},
)

config = describe(
    operation_id="get_config",
    summary="Get the configuration",
    description="The databases that sessions are kept in.",
    tags=TAGS,
    responses={200: OpenApiResponse(shapes.AgentOSConfig, description="The configuration."), **problems(422)},
)
