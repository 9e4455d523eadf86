"""LlamaCloud's chat endpoints."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.llamacloud import openapi
from sessions_app.dialects.llamacloud.serializers import ChatSummarySerializer, ProjectParameters
from sessions_app.models import Session


class ChatViewSet(DialectViewSet):
    """Chat sessions. Every operation takes ``organization_id`` and ``project_id``."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        asked, project = self.query(ProjectParameters), self.key.project
        if any(asked[name] not in {None, getattr(project, name)} for name in ("organization_id", "project_id")):
            raise NotFound("Project not found")

    @openapi.session_summary
    def summary(self, request: Request, session_id: str) -> Response:
        sessions = Session.objects.visible_to(self.key).select_related("last_finished_run")
        return Response(ChatSummarySerializer(sessions.with_id(session_id)).data)
