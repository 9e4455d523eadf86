"""What belongs to an agent or a user."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.health import OpenToAll
from sessions_app.dialects.lyzr import messages, openapi
from sessions_app.dialects.lyzr.inputs import LyzrActivityParameters
from sessions_app.dialects.lyzr.serializers import (
    LyzrObservedPublishedSerializer,
    LyzrObservedSessionSerializer,
    LyzrUserSessionSerializer,
    metadata_of,
)
from sessions_app.dialects.lyzr.views.base import LyzrViewSet, is_observed
from sessions_app.dialects.wire import json_response
from sessions_app.joined import JoinedTexts, can_join, split
from sessions_app.models import Project, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import SessionQuerySet

NEWEST_FIRST = ("-created_at", "-pk")
NAMING = ("session_id", "user_id", "name", "opening", "metadata", "created_at")


class AgentViewSet(LyzrViewSet):
    """What belongs to one agent."""

    @openapi.agent_sessions
    def sessions_of(self, request: Request, agent_id: str) -> HttpResponse:
        if is_observed():
            return Response(LyzrObservedSessionSerializer(self.of_agent(agent_id).only(*NAMING), many=True).data)
        user_id = self.key.user_id if self.key.is_bound else None
        session_ids = _ids_of_agent(self.key.project_id, user_id, agent_id)
        if not session_ids:
            self.check_agent(agent_id)
        return json_response({"sessions": session_ids})

    @openapi.agent_published_sessions
    def published(self, request: Request, agent_id: str) -> Response:
        rows = self.of_agent(agent_id).with_metadata(["published"], [True]).only(*NAMING)
        published = [
            row for row in rows if metadata_of(row).get("published") is True
        ]  # To SQLite, "true" is true as well.
        if is_observed():
            context = {"agent_id": agent_id}
            return Response(LyzrObservedPublishedSerializer(published, many=True, context=context).data)
        return Response({"published_sessions": [row.session_id for row in published]})

    def of_agent(self, agent_id: str) -> SessionQuerySet:
        self.check_agent(agent_id)
        return self.sessions().for_agent(agent_id).order_by(*NEWEST_FIRST)


def _ids_of_agent(*asked: Any) -> list[str]:
    """The ids of a project's sessions with an agent, of one user or of all."""
    using = router.db_for_read(Session)
    if not can_join(using):
        return [session_id for (session_id,) in _ids(*asked, using=using)]
    found = _joined_ids(*asked, using=using)  # Nothing where the project is gone since the key was looked up.
    return [session_id for (joined,) in found for session_id in split(joined)]


@Prepared
def _ids(using: str, project: int, user_id: str | None, agent_id: str) -> Any:
    sessions = Session.objects.using(using).filter(project=project)
    of_user = sessions if user_id is None else sessions.filter(user_id=user_id)
    return of_user.for_agent(agent_id).order_by(*NEWEST_FIRST).values_list("session_id")


@Prepared
def _joined_ids(using: str, project: int, *asked: Any) -> Any:
    joined = JoinedTexts(_ids.queryset(using, project, *asked))
    return Project.objects.using(using).filter(pk=project).order_by().values_list(joined)


class UserViewSet(LyzrViewSet):
    """What belongs to one user."""

    @openapi.user_sessions
    def sessions_of(self, request: Request, user_id: str) -> Response:
        rows = self.sessions().filter(user_id=user_id).order_by(*NEWEST_FIRST).only("session_id", "created_at")
        return Response(LyzrUserSessionSerializer(rows, many=True).data)


class ActivityViewSet(LyzrViewSet):
    """What agents did on the way to their answers."""

    @openapi.activities
    def list(self, request: Request) -> Response:
        asked = self.query(LyzrActivityParameters)
        session = self.sessions().only("session_id", "user_id").filter(session_id=asked["session_id"]).first()
        return Response([] if session is None else messages.activities(session, asked["user_id"]))


class HealthViewSet(OpenToAll, LyzrViewSet):
    """Whether the server is up."""
