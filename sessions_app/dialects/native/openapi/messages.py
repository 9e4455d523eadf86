"""``/api/sessions/{session_id}/messages``"""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer

from sessions_app.dialects.native import parameters, serializers
from sessions_app.dialects.native.openapi.common import (
    ASSISTANT_MESSAGE,
    GONE,
    SESSION_ID,
    USER_MESSAGE,
    answer,
    operation,
    page_of,
    request_example,
)

POSITION = OpenApiParameter(
    "position", OpenApiTypes.INT, OpenApiParameter.PATH, description="The message's place in its session, from 0."
)
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

list_ = operation(
    "listMessages",
    "List a session's messages",
    "Messages",
    {200: answer(page_of(serializers.MessageSerializer), "A page of messages.")},
    404,
    422,
    parameters=[SESSION_ID, parameters.MessageListParameters],
)
create = operation(
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
retrieve = operation(
    "getMessage",
    "Get a message",
    "Messages",
    {200: answer(serializers.MessageSerializer, "The message.")},
    404,
    422,
    parameters=[SESSION_ID, POSITION],
)
update = operation(
    "updateMessage",
    "Replace what a message says",
    "Messages",
    {200: answer(serializers.MessageSerializer, "The message as it is now.")},
    400,
    403,
    404,
    409,
    422,
    parameters=[SESSION_ID, POSITION],
    request=serializers.MessagePatchSerializer,
)
delete = operation(
    "deleteMessage", "Delete a message", "Messages", GONE, 403, 404, 422, parameters=[SESSION_ID, POSITION]
)
