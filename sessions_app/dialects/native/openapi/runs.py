"""``/api/sessions/{session_id}/runs``"""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

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

RUN_ID = OpenApiParameter("run_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the run.")
USAGE = {"input_tokens": 134, "output_tokens": 26, "total_tokens": 160}
RUN = {"run_id": "run-1", "status": "COMPLETED", "messages": [USER_MESSAGE, ASSISTANT_MESSAGE], "usage": USAGE}

list_ = operation(
    "listRuns",
    "List a session's runs",
    "Runs",
    {200: answer(page_of(serializers.RunRowSerializer), "A page of runs.")},
    404,
    422,
    parameters=[SESSION_ID, parameters.RunListParameters],
)
create = operation(
    "recordRun",
    "Record a run",
    "Runs",
    {
        201: answer(serializers.RunSerializer, "The new run."),
        200: answer(serializers.RunSerializer, "The run was here already: this is it, unchanged."),
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
retrieve = operation(
    "getRun",
    "Get a run with its messages",
    "Runs",
    {200: answer(serializers.RunSerializer, "The run.")},
    404,
    422,
    parameters=[SESSION_ID, RUN_ID],
)
update = operation(
    "updateRun",
    "Change a run, or append messages to it",
    "Runs",
    {200: answer(serializers.RunSerializer, "The run as it is now.")},
    400,
    403,
    404,
    413,
    422,
    parameters=[SESSION_ID, RUN_ID],
    request=serializers.RunPatchSerializer,
)
delete = operation(
    "deleteRun", "Delete a run and its messages", "Runs", GONE, 403, 404, 422, parameters=[SESSION_ID, RUN_ID]
)
