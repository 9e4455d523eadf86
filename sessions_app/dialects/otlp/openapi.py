"""How the endpoint for spans is described."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from sessions_app.dialects.openapi import describe
from sessions_app.dialects.otlp.wire import JSON, PROTOBUF

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "chat gpt-4o",
    "kind": 3,
    "startTimeUnixNano": "1757088000000000000",
    "endTimeUnixNano": "1757088001500000000",
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.conversation.id", "value": {"stringValue": "support-17"}},
        {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "134"}},
    ],
}
REQUEST = {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}


class ExportTraceServiceRequestSerializer(serializers.Serializer[Any]):
    """Spans, as opentelemetry-proto has them."""

    resourceSpans = serializers.ListField(child=serializers.JSONField(), required=False)  # noqa: N815


class PartialSuccessSerializer(serializers.Serializer[Any]):
    """Spans that were not stored."""

    rejectedSpans = serializers.CharField(help_text="How many, as text.")  # noqa: N815
    errorMessage = serializers.CharField(help_text="Why.")  # noqa: N815


class ExportTraceServiceResponseSerializer(serializers.Serializer[Any]):
    """Empty where all spans were stored."""

    partialSuccess = PartialSuccessSerializer(required=False)  # noqa: N815


@extend_schema_serializer(component_name="RpcStatus")
class StatusSerializer(serializers.Serializer[Any]):
    """google.rpc.Status: what went wrong, as a sentence."""

    message = serializers.CharField()


_PROBLEMS = {
    400: "The body cannot be decoded.",
    401: "The API key is missing or wrong.",
    403: "The API key may only read.",
    413: "The body is too large, as sent or unpacked.",
    415: "The body is neither protobuf nor JSON, or packed otherwise than with gzip.",
    429: "Too many requests with this API key.",
    501: "The server lacks the packages that decode spans.",
    503: "The database is busy or away.",
}
_PARTIAL = {"partialSuccess": {"rejectedSpans": "1", "errorMessage": "The conversation is another user's"}}

export = describe(
    operation_id="exportTraces",
    summary="Send spans",
    description=(
        "OTLP/HTTP: spans with GenAI attributes become sessions, runs and messages. Bodies are protobuf or JSON, "
        "gzipped or not; the answer has the encoding of the request. A span sent again changes nothing."
    ),
    tags=["OpenTelemetry"],
    parameters=[
        OpenApiParameter(
            "Content-Encoding", OpenApiTypes.STR, OpenApiParameter.HEADER, description="`gzip`, or nothing."
        )
    ],
    request={JSON: ExportTraceServiceRequestSerializer, PROTOBUF: OpenApiTypes.BINARY},
    responses={
        (200, PROTOBUF): OpenApiResponse(OpenApiTypes.BINARY, description="The same in protobuf."),
        (200, JSON): OpenApiResponse(
            ExportTraceServiceResponseSerializer,
            description="Stored; what could not be is counted.",
            examples=[
                OpenApiExample("All stored", value={}, response_only=True),
                OpenApiExample("One rejected", value=_PARTIAL, response_only=True),
            ],
        ),
        **{
            (status, PROTOBUF): OpenApiResponse(OpenApiTypes.BINARY, description=text)
            for status, text in _PROBLEMS.items()
        },
        **{(status, JSON): OpenApiResponse(StatusSerializer, description=text) for status, text in _PROBLEMS.items()},
    },
    examples=[OpenApiExample("A call of a model", value=REQUEST, request_only=True, media_type=JSON)],
)
