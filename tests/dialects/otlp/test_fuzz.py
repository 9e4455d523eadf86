"""Whatever comes in, the answer is one of OTLP's, and what was stored can be read."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with
from tests.dialects.otlp.requests import JSON, PROTOBUF, TRACE_ID, URL, request_of, value_of

pytestmark = pytest.mark.django_db
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
WORDS = ["user", "tool", "text", "tool_call", "tool_call_response", "blob", "chat", "[", "{}", "\\x00"]
KEYS = ["role", "parts", "type", "content", "id", "name", "tool_calls", "arguments", "response", "mime_type"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=15,
)
PART = st.fixed_dictionaries({"type": st.sampled_from(WORDS)}, optional=dict.fromkeys(KEYS[3:], ANYTHING))
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(WORDS), "parts": st.lists(PART, max_size=3)})
NAMES = ["operation.name", "conversation.id", "agent.id", "agent.name", "request.model", "provider.name"]
NAMES += ["input.messages", "output.messages", "system_instructions", "prompt", "completion"]
NAMES += ["tool.call.id", "tool.call.result", "tool.call.arguments", "tool.name"]
NAMES += ["usage.input_tokens", "usage.total_tokens", "prompt.0.role", "prompt.0.content", "prompt.1.tool_calls.0.id"]
EVENTS = ["gen_ai.user.message", "gen_ai.choice", "gen_ai.client.inference.operation.details", "exception"]
OPERATIONS = ["chat", "invoke_agent", "execute_tool", "embeddings", "other"]


def any_value(value):
    """An AnyValue, or JSON text in one."""
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": key, "value": any_value(inner)} for key, inner in value.items()]}}
    if isinstance(value, list):
        is_text = len(value) % 2
        return value_of(json.dumps(value)) if is_text else {"arrayValue": {"values": list(map(any_value, value))}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value % 2**63)}
    if isinstance(value, float):
        return {"doubleValue": value if value == value and abs(value) < 1e300 else "NaN"}
    return {} if value is None else {"stringValue": value.replace("\ud800", "")}


@st.composite
def any_span(draw):
    given = draw(st.dictionaries(st.sampled_from(NAMES), ANYTHING | st.lists(MESSAGE, max_size=3), max_size=8))
    given["operation.name"] = draw(st.sampled_from(OPERATIONS))
    pairs = [{"key": f"gen_ai.{name}", "value": any_value(value)} for name, value in given.items()]
    moments = st.integers(0, 2**64 - 1).map(str)
    return {
        "traceId": TRACE_ID,
        "spanId": draw(st.sampled_from(["01" * 8, "02" * 8, "03" * 8, "", "zz", "04" * 9])),
        "parentSpanId": draw(st.sampled_from(["", "01" * 8, "02" * 8, "x"])),
        "name": draw(st.text(max_size=5)),
        "startTimeUnixNano": draw(moments),
        "endTimeUnixNano": draw(moments),
        "status": {"code": draw(st.integers(0, 3)), "message": draw(st.text(max_size=5))},
        "kind": draw(st.integers(0, 9)),
        "attributes": pairs,
        "events": [{"name": draw(st.sampled_from(EVENTS)), "attributes": pairs}] if draw(st.booleans()) else [],
    }


@MANY
@given(spans=st.lists(any_span(), min_size=1, max_size=4))
def test_whatever_a_span_says_it_is_never_500_and_can_be_read(spans):
    key = factories.APIKeyFactory()
    client = client_with(key)
    answer = client.post(URL, json.dumps(request_of(*spans)).encode(), content_type=JSON)
    assert answer.status_code == 200, answer.content
    for session in Session.objects.filter(project=key.project, session_id__regex="^[a-zA-Z0-9]+$"):
        for path in ("/api/sessions/{}/messages", "/api/sessions/{}/runs", "/api/sessions/{}/export?as=openai"):
            assert client.get(path.format(session.session_id)).status_code == 200
        for path in ("/sessions/{}", "/sessions/{}/runs", "/api/v1/chat/{}", "/v1/sessions/{}/history"):
            assert client.get(path.format(session.session_id)).status_code == 200


@MANY
@given(body=st.binary(max_size=200), content_type=st.sampled_from([JSON, PROTOBUF]), packed=st.booleans())
def test_whatever_bytes_come_it_is_never_500(client, body, content_type, packed):
    headers = {"HTTP_CONTENT_ENCODING": "gzip"} if packed else {}
    sent = gzip.compress(body) if packed else body
    assert client.post(URL, sent, content_type=content_type, **headers).status_code in {200, 400}
