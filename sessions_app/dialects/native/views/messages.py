"""``/api/sessions/{session_id}/messages``"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import services
from sessions_app.dialects.fields import represented
from sessions_app.dialects.native import inputs
from sessions_app.dialects.native.openapi import messages as openapi
from sessions_app.dialects.native.pagination import paginate
from sessions_app.dialects.native.parameters import MessageListParameters
from sessions_app.dialects.native.serializers import MessagePatchSerializer, MessageSerializer
from sessions_app.dialects.native.views.base import RUN_BULK, NativeViewSet, errors_at
from sessions_app.dialects.problems import invalid
from sessions_app.exceptions import MessageNotFound
from sessions_app.models import Message

MAX_DIGITS = 18
"""Of a position: more does not fit into a database's integer."""


class MessageViewSet(NativeViewSet):
    """The messages of a session."""

    @openapi.list_
    def list(self, request: Request, session_id: str) -> Response:
        asked = self.query(MessageListParameters)
        messages = self.find_session(session_id).messages.select_related("run").defer(*RUN_BULK)
        if "role" in asked:
            messages = messages.filter(role=asked["role"])
        if "run_id" in asked:
            messages = messages.filter(run__run_id=asked["run_id"])
        return paginate(request, messages, order=asked["sort"], parameters=asked, serializer=MessageSerializer)

    @openapi.create
    def create(self, request: Request, session_id: str) -> Response:
        sent = inputs.sent_messages(request.data)
        new = sent.new()

        def append() -> list[Message]:
            session = self.lock_or_make_session(session_id)
            return services.append_messages(session=session, messages=new, is_locked=True)

        with errors_at(sent.way_to):
            messages = self.all_or_nothing(append)
        shown = [represented(MessageSerializer, message) for message in messages]
        return Response(shown if sent.is_list else shown[0], status=201)

    @openapi.retrieve
    def retrieve(self, request: Request, session_id: str, position: str) -> Response:
        return Response(represented(MessageSerializer, self.find(session_id, position)))

    @openapi.update
    def partial_update(self, request: Request, session_id: str, position: str) -> Response:
        message, asked = self.find(session_id, position), self.body(MessagePatchSerializer)
        with errors_at(lambda *way: ("body", "payload", *way)):
            services.update_message(message=message, payload=asked["payload"], format=asked.get("format"))
        return Response(represented(MessageSerializer, message))

    @openapi.delete
    def destroy(self, request: Request, session_id: str, position: str) -> Response:
        services.delete_message(message=self.find(session_id, position))
        return Response(status=204)

    def find(self, session_id: str, position: str) -> Message:
        return (
            self.find_session(session_id)
            .messages.select_related("run", "session")
            .defer(*RUN_BULK)
            .at(_number(position))
        )


def _number(position: str) -> int:
    if not (position.isascii() and position.isdecimal()):
        raise invalid(("path", "position"), "Input should be a valid integer", "int_parsing")
    if len(position) > MAX_DIGITS:
        raise MessageNotFound(position)
    return int(position)
