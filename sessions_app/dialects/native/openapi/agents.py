"""``/api/agents``"""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from sessions_app.dialects.native import parameters, serializers
from sessions_app.dialects.native.openapi.common import (
    GONE,
    answer,
    operation,
    page_of,
    request_example,
)

AGENT_ID = OpenApiParameter("agent_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the agent.")

list_ = operation(
    "listAgents",
    "List agents",
    "Agents",
    {200: answer(page_of(serializers.AgentSerializer), "A page of agents, by id.")},
    422,
    parameters=[parameters.AgentListParameters],
)
create = operation(
    "createAgent",
    "Create an agent",
    "Agents",
    {201: answer(serializers.AgentSerializer, "The new agent.")},
    400,
    403,
    409,
    422,
    request=serializers.AgentSerializer,
    examples=[request_example("Agent", {"agent_id": "support", "name": "Support", "model": {"id": "gpt-4o"}})],
)
retrieve = operation(
    "getAgent",
    "Get an agent",
    "Agents",
    {200: answer(serializers.AgentSerializer, "The agent.")},
    404,
    422,
    parameters=[AGENT_ID, parameters.AgentParameters],
)
update = operation(
    "updateAgent",
    "Change an agent",
    "Agents",
    {200: answer(serializers.AgentSerializer, "The agent as it is now.")},
    400,
    403,
    404,
    422,
    parameters=[AGENT_ID, parameters.AgentParameters],
    request=serializers.AgentPatchSerializer,
)
delete = operation(
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
