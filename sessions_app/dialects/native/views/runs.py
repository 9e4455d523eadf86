"""``/api/sessions/{session_id}/runs``"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import services
from sessions_app.dialects.fields import represented
from sessions_app.dialects.native import inputs
from sessions_app.dialects.native.inputs import SentMessages
from sessions_app.dialects.native.openapi import runs as openapi
from sessions_app.dialects.native.pagination import paginate
from sessions_app.dialects.native.parameters import RunListParameters
from sessions_app.dialects.native.serializers import (
    RunInputSerializer,
    RunPatchSerializer,
    RunRowSerializer,
    RunSerializer,
)
from sessions_app.dialects.native.views.base import NativeViewSet, errors_at
from sessions_app.dialects.wire import json_response
from sessions_app.exceptions import Location
from sessions_app.models import RunMetadata, Session


class RunViewSet(NativeViewSet):
    """The runs of a session."""

    @openapi.list_
    def list(self, request: Request, session_id: str) -> Response:
        asked = self.query(RunListParameters)
        runs = self.find_session(session_id).runs.select_related("agent").defer("details")
        if "status" in asked:
            runs = runs.filter(status=asked["status"])
        return paginate(request, runs, order=asked["sort"], parameters=asked, serializer=RunRowSerializer)

    @openapi.create
    def create(self, request: Request, session_id: str) -> HttpResponse:
        asked = self.body(RunInputSerializer)
        sent, run_id = self.sent(asked), asked.get("run_id") or str(uuid.uuid4())
        new = sent.new()

        def record() -> tuple[RunMetadata, bool]:
            session = self.lock_or_make_session(session_id, with_agent="agent_id" in asked)
            fields = self.fields(asked, session) | inputs.new_user(self.key, asked)
            return services.record_run(session=session, run_id=run_id, messages=new, is_locked=True, **fields)

        with errors_at(_way_through(sent)):
            run, created = self.all_or_nothing(record)
        return json_response(represented(RunSerializer, run), status=201 if created else 200)

    @openapi.retrieve
    def retrieve(self, request: Request, session_id: str, run_id: str) -> Response:
        return Response(self.shown(self.find_session(session_id), run_id))

    @openapi.update
    def partial_update(self, request: Request, session_id: str, run_id: str) -> Response:
        session, asked = self.find_session(session_id), self.body(RunPatchSerializer)
        run, sent = self.find(session, run_id), self.sent(asked)
        new = sent.new()
        with errors_at(_way_through(sent)):
            self.all_or_nothing(lambda: services.update_run(run=run, messages=new, **self.fields(asked, session)))
        return Response(self.shown(session, run_id))

    @openapi.delete
    def destroy(self, request: Request, session_id: str, run_id: str) -> Response:
        services.delete_run(run=self.find(self.find_session(session_id), run_id))
        return Response(status=204)

    def find(self, session: Session, run_id: str) -> RunMetadata:
        return session.runs.select_related("agent", "session").with_id(run_id)

    def shown(self, session: Session, run_id: str) -> Any:
        return represented(RunSerializer, self.find(session, run_id))

    def sent(self, asked: dict[str, Any]) -> SentMessages:
        return SentMessages(asked.get("messages", []), ("body", "messages"), asked["format"])

    def fields(self, asked: dict[str, Any], session: Session) -> Any:
        type_ = asked.get("agent_type", session.type)
        # The run's model tells of a new agent's, but a key bound to a user describes no agents.
        mention = {name: asked[name] for name in asked if name != "model" or not self.key.is_bound}
        return {
            **inputs.run_fields(asked),
            **inputs.changed_user(self.key, asked),
            **inputs.agent_for(self.key, mention, type_, session),
        }


def _way_through(sent: SentMessages) -> Callable[..., Location]:
    """The services' errors lie at ``("messages", i, ...)``, or in the run itself."""
    return lambda *way: sent.way_to(*way[1:]) if way[:1] == ("messages",) else ("body", *way)
