"""``/api/sessions``"""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from sessions_app.dialects.native import parameters, serializers
from sessions_app.dialects.native.openapi.common import (
    GONE,
    SESSION_ID,
    answer,
    operation,
    page_of,
    request_example,
)

METADATA = OpenApiParameter(
    "metadata",
    {"type": "object", "additionalProperties": {"type": "string"}},
    style="deepObject",
    description="`metadata.KEY=VALUE`: only sessions whose metadata has this value there; dots lead further in.",
)
SESSION = {
    "session_id": "support-17",
    "agent_id": "support",
    "user_id": "maria",
    "metadata": {"channel": "web"},
    "tags": ["parcel"],
}

list_ = operation(
    "listSessions",
    "List and search sessions",
    "Sessions",
    {200: answer(page_of(serializers.SessionRowSerializer), "A page of sessions.")},
    422,
    parameters=[parameters.SessionListParameters, METADATA],
)
create = operation(
    "createSession",
    "Create a session",
    "Sessions",
    {201: answer(serializers.SessionSerializer, "The new session.")},
    400,
    403,
    409,
    413,
    422,
    request=serializers.SessionInputSerializer,
    examples=[request_example("Session", SESSION)],
)
delete_many = operation(
    "deleteSessions",
    "Delete several sessions",
    "Sessions",
    {200: answer(serializers.DeletedSerializer, "How many went.")},
    400,
    403,
    422,
    request=serializers.SessionDeletionSerializer,
)
retrieve = operation(
    "getSession",
    "Get a session",
    "Sessions",
    {200: answer(serializers.SessionSerializer, "The session.")},
    404,
    422,
    parameters=[SESSION_ID],
)
update = operation(
    "updateSession",
    "Change a session",
    "Sessions",
    {200: answer(serializers.SessionSerializer, "The session as it is now.")},
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
delete = operation(
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
export = operation(
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
