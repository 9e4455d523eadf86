"""OTLP as it is sent: protobuf or JSON, decoded by opentelemetry-proto. Needs the extra ``otlp``."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.telemetry.spans import Span

JSON, PROTOBUF = "application/json", "application/x-protobuf"
_IDS = ("traceId", "spanId", "parentSpanId")
_OF_RESOURCE = ("service.name", "service.version", "user.id", "enduser.id")


def decode(body: bytes, media_type: str) -> list[Span]:
    """The spans of an ExportTraceServiceRequest. Raises InvalidValue for what is none."""
    request = ExportTraceServiceRequest()
    try:
        if media_type == PROTOBUF:
            request.ParseFromString(body)
        else:
            json_format.ParseDict(_as_protobuf_has_it(jsontext.loads(body)), request, ignore_unknown_fields=True)
    except (DecodeError, json_format.Error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidValue(f"The body is no ExportTraceServiceRequest: {str(error)[:200]}") from error
    return list(_spans(request))


def response(media_type: str, *, rejected: int = 0, message: str = "") -> bytes:
    """An ExportTraceServiceResponse; with ``partial_success`` where spans were rejected."""
    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = _printable(message)
    return _encode(answer, media_type)


def status(media_type: str, message: str) -> bytes:
    """A google.rpc.Status, which OTLP has for whatever goes wrong."""
    return _encode(Status(message=_printable(message)), media_type)


def _encode(message: Message, media_type: str) -> bytes:
    if media_type == PROTOBUF:
        return message.SerializeToString()
    return json_format.MessageToJson(message, indent=None).encode()


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _as_protobuf_has_it(document: Any) -> Any:
    """OTLP's JSON has ids in hex, where protobuf's has base64. An id that is no hex becomes none."""
    if not isinstance(document, dict):
        raise ValueError("It must be an object")
    for resource in _objects(document, "resourceSpans"):
        for scope in _objects(resource, "scopeSpans"):
            for span in _objects(scope, "spans"):
                span.pop("links", None)  # Nobody reads them, and they hold ids too.
                for key in _IDS:
                    if isinstance(span.get(key), str):
                        span[key] = base64.b64encode(_from_hex(span[key])).decode()
    return document


def _objects(value: Any, key: str) -> list[dict[str, Any]]:
    items = value.get(key) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in request.resource_spans:
        known = _attributes(resource.resource.attributes)
        told = {key: known[key] for key in _OF_RESOURCE if key in known}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    name=span.name,
                    kind=span.kind,
                    start=span.start_time_unix_nano,
                    end=span.end_time_unix_nano,
                    status=span.status.code,
                    status_message=span.status.message,
                    attributes=_attributes(span.attributes),
                    events=[{"name": event.name, "attributes": _attributes(event.attributes)} for event in span.events],
                    resource=told,
                )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values)
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    plain = getattr(value, kind) if kind else None
    return str(plain) if isinstance(plain, float) and not math.isfinite(plain) else plain
