"""Spans come in."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from django.http import HttpResponse
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.otlp import openapi
from sessions_app.dialects.otlp.wire import (
    JSON,
    PROTOBUF,
    BytesRenderer,
    NotInstalled,
    PackedParser,
    answer_type,
    base_type,
)
from sessions_app.dialects.problems import Problem
from sessions_app.exceptions import InvalidValue
from sessions_app.telemetry import store


class TraceViewSet(DialectViewSet):
    """``/v1/traces``"""

    parser_classes = [PackedParser]
    renderer_classes = [BytesRenderer]

    @openapi.export
    def export(self, request: Request) -> HttpResponse:
        otlp = _codec()
        if otlp is None:
            raise NotInstalled
        if base_type(request) not in {JSON, PROTOBUF}:
            raise UnsupportedMediaType(request.content_type, f"Send {PROTOBUF} or {JSON}")
        media_type = answer_type(request)
        spans = otlp.decode(request.data or b"", media_type)
        user_id = self.key.user_id if self.key.is_bound else None
        rejected, why = store.store_spans(project=self.key.project, spans=spans, user_id=user_id or "")
        # Django REST framework's own response has no content type where the body is empty, as in protobuf it can be.
        return HttpResponse(otlp.response(media_type, rejected=rejected, message=why), content_type=media_type)

    def error_response(self, problem: Problem, error: Exception) -> Response:
        """A google.rpc.Status in the request's encoding. What cannot be decoded is a 400 here."""
        status, message = problem.status, problem.detail
        if isinstance(error, InvalidValue):
            status, message = 400, error.message
        media_type, otlp = answer_type(self.request), _codec()
        body: Any = otlp.status(media_type, message) if otlp else json.dumps({"message": message}).encode()
        content_type = media_type if otlp else JSON
        return Response(body, status=status, headers=problem.headers, content_type=content_type)


def _codec() -> ModuleType | None:
    """What decodes and encodes OTLP; None where the extra ``otlp`` is not installed."""
    try:
        from sessions_app.telemetry import otlp
    except ImportError:
        return None
    return otlp
