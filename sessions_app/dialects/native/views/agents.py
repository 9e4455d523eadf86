"""``/api/agents``"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import services
from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.fields import represented
from sessions_app.dialects.native.openapi import agents as openapi
from sessions_app.dialects.native.pagination import paginate
from sessions_app.dialects.native.parameters import AgentListParameters, AgentParameters
from sessions_app.dialects.native.serializers import AgentPatchSerializer, AgentSerializer
from sessions_app.dialects.problems import invalid
from sessions_app.exceptions import AgentExists
from sessions_app.models import Agent


class AgentViewSet(DialectViewSet):
    """Agents, teams and workflows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.key.is_bound and request.method not in SAFE_METHODS:
            raise PermissionDenied("This API key acts for one user; agents belong to the whole project")

    @openapi.list_
    def list(self, request: Request) -> Response:
        asked = self.query(AgentListParameters)
        agents = Agent.objects.visible_to(self.key)
        if "type" in asked:
            agents = agents.filter(type=asked["type"])
        return paginate(request, agents, order="agent_id", parameters=asked, serializer=AgentSerializer)

    @openapi.create
    def create(self, request: Request) -> Response:
        asked = self.body(AgentSerializer)
        agent = Agent(project=self.key.project, agent_id=asked["agent_id"], type=asked["type"], **_columns(asked))
        try:
            with transaction.atomic(using=self.key._state.db):
                agent.save(using=self.key._state.db)
        except IntegrityError as error:
            raise AgentExists(asked["agent_id"]) from error
        return Response(represented(AgentSerializer, agent), status=201)

    @openapi.retrieve
    def retrieve(self, request: Request, agent_id: str) -> Response:
        return Response(represented(AgentSerializer, self.find(agent_id)))

    @openapi.update
    def partial_update(self, request: Request, agent_id: str) -> Response:
        agent, changes = self.find(agent_id), _columns(self.body(AgentPatchSerializer))
        for column, value in changes.items():
            setattr(agent, column, value)
        if changes:
            agent.save(update_fields=list(changes))
        return Response(represented(AgentSerializer, agent))

    @openapi.delete
    def destroy(self, request: Request, agent_id: str) -> Response:
        services.delete_agent(agent=self.find(agent_id))
        return Response(status=204)

    def find(self, agent_id: str) -> Agent:
        """The agent that path and ``?type=`` mean. Raises NotFound, and InvalidRequest where several share the id."""
        asked = self.query(AgentParameters)
        found = list(Agent.objects.visible_to(self.key).with_id(agent_id, asked.get("type")))
        if not found:
            raise NotFound("Agent not found")
        if len(found) > 1:
            types = ", ".join(sorted(agent.type for agent in found))
            raise invalid(("query", "type"), f"Several have this id; say which type is meant: {types}", "missing")
        return found[0]


def _columns(asked: dict[str, Any]) -> dict[str, Any]:
    columns = {name: asked[name] for name in ("name", "metadata") if name in asked}
    return columns | {f"model_{name}": value for name, value in asked.get("model", {}).items()}
