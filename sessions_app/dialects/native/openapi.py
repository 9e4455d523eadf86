"""How our own operations are described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework.serializers import URLField

from sessions_app.dialects.native import parameters, serializers
from sessions_app.dialects.openapi import Method, describe, problems

SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")
AGENT_ID = OpenApiParameter("agent_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the agent.")
RUN_ID = OpenApiParameter("run_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the run.")
POSITION = OpenApiParameter(
    "position", OpenApiTypes.INT, OpenApiParameter.PATH, description="The message's place in its session, from 0."
)
METADATA = OpenApiParameter(
    "metadata",
    {"type": "object", "additionalProperties": {"type": "string"}},
    style="deepObject",
    description="`metadata.KEY=VALUE`: only sessions whose metadata has this value there; dots lead further in.",
)

USER_MESSAGE = {"role": "user", "content": "Where is my parcel?"}
ASSISTANT_MESSAGE = {"role": "assistant", "content": "It arrives on Friday."}
USAGE = {"input_tokens": 134, "output_tokens": 26, "total_tokens": 160}
SESSION = {
    "session_id": "support-17",
    "agent_id": "support",
    "user_id": "maria",
    "metadata": {"channel": "web"},
    "tags": ["parcel"],
}
RUN = {"run_id": "run-1", "status": "COMPLETED", "messages": [USER_MESSAGE, ASSISTANT_MESSAGE], "usage": USAGE}


def page_of(serializer: Any) -> Any:
    """The schema of a page of such rows."""
    name = serializer.__name__.removesuffix("Serializer").removesuffix("Row")
    link: Any = {"allow_null": True, "help_text": "Address of the page beside this one; null: there is none."}
    fields = {"next": URLField(**link), "previous": URLField(**link), "results": serializer(many=True)}
    page = type(inline_serializer(f"{name}Page", fields))
    return extend_schema_serializer(many=False)(page)  # One page, though the view is a list.


ONE_OR_MANY = PolymorphicProxySerializer(
    "MessageOrMessages",
    [serializers.MessageSerializer, serializers.MessageSerializer(many=True)],
    resource_type_field_name=None,
    many=False,
)
A_MESSAGE = {"type": "object", "additionalProperties": True, "properties": {"role": {"type": "string"}}}
MESSAGES = {"type": "array", "items": A_MESSAGE, "minItems": 1}
NEW_MESSAGES = {
    "oneOf": [
        {**A_MESSAGE, "title": "One message", "required": ["role"]},
        {**MESSAGES, "title": "Several"},
        {
            "title": "Several of one format",
            "type": "object",
            "properties": {"messages": MESSAGES, "format": {"type": "string"}},
            "required": ["messages"],
            "additionalProperties": False,
        },
    ]
}


def request_example(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _operation(
    operation_id: str, summary: str, tag: str, answers: dict[Any, Any], *statuses: int, **more: Any
) -> Callable[[Method], Method]:
    responses = {**answers, **problems(*statuses)}
    return describe(operation_id=operation_id, summary=summary, tags=[tag], responses=responses, **more)


def _answer(serializer: Any, description: str) -> OpenApiResponse:
    return OpenApiResponse(serializer, description=description)


GONE = {204: OpenApiResponse(description="Deleted.")}

agent_list = _operation(
    "listAgents",
    "List agents",
    "Agents",
    {200: _answer(page_of(serializers.AgentSerializer), "A page of agents, by id.")},
    422,
    parameters=[parameters.AgentListParameters],
)
agent_create = _operation(
    "createAgent",
    "Create an agent",
    "Agents",
    {201: _answer(serializers.AgentSerializer, "The new agent.")},
    400,
    403,
    409,
    422,
    request=serializers.AgentSerializer,
    examples=[request_example("Agent", {"agent_id": "support", "name": "Support", "model": {"id": "gpt-4o"}})],
)
agent_retrieve = _operation(
    "getAgent",
    "Get an agent",
    "Agents",
    {200: _answer(serializers.AgentSerializer, "The agent.")},
    404,
    422,
    parameters=[AGENT_ID, parameters.AgentParameters],
)
agent_update = _operation(
    "updateAgent",
    "Change an agent",
    "Agents",
    {200: _answer(serializers.AgentSerializer, "The agent as it is now.")},
    400,
    403,
    404,
    422,
    parameters=[AGENT_ID, parameters.AgentParameters],
    request=serializers.AgentPatchSerializer,
)
agent_delete = _operation(
    "deleteAgent",
    "Delete an agent that has no sessions",
    "Agents",
    GONE,
    403,
    404,
    409,
    422,
    parameters=[AGENT_ID, parameters.AgentParameters],
)

session_list = _operation(
    "listSessions",
    "List and search sessions",
    "Sessions",
    {200: _answer(page_of(serializers.SessionRowSerializer), "A page of sessions.")},
    422,
    parameters=[parameters.SessionListParameters, METADATA],
)
session_create = _operation(
    "createSession",
    "Create a session",
    "Sessions",
    {201: _answer(serializers.SessionSerializer, "The new session.")},
    400,
    403,
    409,
    413,
    422,
    request=serializers.SessionInputSerializer,
    examples=[request_example("Session", SESSION)],
)
session_delete_many = _operation(
    "deleteSessions",
    "Delete several sessions",
    "Sessions",
    {200: _answer(serializers.DeletedSerializer, "How many went.")},
    400,
    403,
    422,
    request=serializers.SessionDeletionSerializer,
)
session_retrieve = _operation(
    "getSession",
    "Get a session",
    "Sessions",
    {200: _answer(serializers.SessionSerializer, "The session.")},
    404,
    422,
    parameters=[SESSION_ID],
)
session_update = _operation(
    "updateSession",
    "Change a session",
    "Sessions",
    {200: _answer(serializers.SessionSerializer, "The session as it is now.")},
    400,
    403,
    404,
    409,
    422,
    parameters=[SESSION_ID],
    request=serializers.SessionPatchSerializer,
    description="Changes the fields that are given and no others; `state` and `metadata` are replaced whole.",
    examples=[request_example("Rename", {"name": "Parcel 17"})],
)
session_delete = _operation(
    "deleteSession",
    "Delete a session",
    "Sessions",
    GONE,
    403,
    404,
    422,
    parameters=[SESSION_ID],
    description="Its messages and runs go with it; branches of it stay.",
)
session_export = _operation(
    "exportSession",
    "Export a session",
    "Sessions",
    {
        (200, "application/json"): OpenApiResponse(
            OpenApiTypes.OBJECT, description="The document that import takes, or `{messages: [...]}`."
        ),
        (200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR, description="The conversation for people."),
    },
    404,
    422,
    parameters=[SESSION_ID, parameters.ExportParameters],
    description="`json`: all of it, as `import_agent_sessions` takes it. `openai`: chat messages. `markdown`: to read.",
)

message_list = _operation(
    "listMessages",
    "List a session's messages",
    "Messages",
    {200: _answer(page_of(serializers.MessageSerializer), "A page of messages.")},
    404,
    422,
    parameters=[SESSION_ID, parameters.MessageListParameters],
)
message_create = _operation(
    "appendMessages",
    "Append messages",
    "Messages",
    {
        201: OpenApiResponse(
            ONE_OR_MANY,
            description="The stored message, or the list of them where a list was sent.",
        )
    },
    400,
    403,
    404,
    413,
    422,
    parameters=[SESSION_ID, parameters.FirstMentionParameters],
    request={"application/json": NEW_MESSAGES},
    description=(
        "Takes one message, a list of them, or `{messages, format}`: all are stored, or none. A message is an OpenAI "
        "chat message unless its format says otherwise; keys that the format does not know are kept."
    ),
    examples=[
        request_example("One message", USER_MESSAGE),
        request_example("Several", [USER_MESSAGE, ASSISTANT_MESSAGE]),
    ],
)
message_retrieve = _operation(
    "getMessage",
    "Get a message",
    "Messages",
    {200: _answer(serializers.MessageSerializer, "The message.")},
    404,
    422,
    parameters=[SESSION_ID, POSITION],
)
message_update = _operation(
    "updateMessage",
    "Replace what a message says",
    "Messages",
    {200: _answer(serializers.MessageSerializer, "The message as it is now.")},
    400,
    403,
    404,
    422,
    parameters=[SESSION_ID, POSITION],
    request=serializers.MessagePatchSerializer,
)
message_delete = _operation(
    "deleteMessage", "Delete a message", "Messages", GONE, 403, 404, 422, parameters=[SESSION_ID, POSITION]
)

run_list = _operation(
    "listRuns",
    "List a session's runs",
    "Runs",
    {200: _answer(page_of(serializers.RunRowSerializer), "A page of runs.")},
    404,
    422,
    parameters=[SESSION_ID, parameters.RunListParameters],
)
run_create = _operation(
    "recordRun",
    "Record a run",
    "Runs",
    {
        201: _answer(serializers.RunSerializer, "The new run."),
        200: _answer(serializers.RunSerializer, "The run was here already: this is it, unchanged."),
    },
    400,
    403,
    404,
    413,
    422,
    parameters=[SESSION_ID, parameters.FirstMentionParameters],
    request=serializers.RunInputSerializer,
    description="A turn with its messages and cost: all of it is stored, or nothing. Safe to send again.",
    examples=[request_example("Run", RUN)],
)
run_retrieve = _operation(
    "getRun",
    "Get a run with its messages",
    "Runs",
    {200: _answer(serializers.RunSerializer, "The run.")},
    404,
    422,
    parameters=[SESSION_ID, RUN_ID],
)
run_update = _operation(
    "updateRun",
    "Change a run, or append messages to it",
    "Runs",
    {200: _answer(serializers.RunSerializer, "The run as it is now.")},
    400,
    403,
    404,
    413,
    422,
    parameters=[SESSION_ID, RUN_ID],
    request=serializers.RunPatchSerializer,
)
run_delete = _operation(
    "deleteRun", "Delete a run and its messages", "Runs", GONE, 403, 404, 422, parameters=[SESSION_ID, RUN_ID]
)
