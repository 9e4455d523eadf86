"""Requests of an exporter, written by hand."""

from __future__ import annotations

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

URL = "/v1/traces"
JSON, PROTOBUF = "application/json", "application/x-protobuf"
TRACE_ID, SPAN_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"


def value_of(value):
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": value_of(inner)} for key, inner in value.items()]}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [value_of(inner) for inner in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


def span_of(trace_id=TRACE_ID, span_id=SPAN_ID, **attributes):
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": "c-1"} | {
        key.replace("__", "."): value for key, value in attributes.items()
    }
    return {
        "traceId": trace_id,
        "spanId": span_id,
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1757088000000000000",
        "endTimeUnixNano": "1757088001500000000",
        "attributes": [{"key": key, "value": value_of(value)} for key, value in attributes.items()],
    }


def request_of(*spans):
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def protobuf_of(document):
    """The request as binary protobuf, made without our own decoder."""
    request = ExportTraceServiceRequest()
    for span in document["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        message = request.resource_spans.add().scope_spans.add().spans.add()
        json_format.ParseDict({key: value for key, value in span.items() if not key.endswith("Id")}, message)
        message.trace_id, message.span_id = bytes.fromhex(span["traceId"]), bytes.fromhex(span["spanId"])
    return request.SerializeToString()
