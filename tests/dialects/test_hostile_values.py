"""Whatever value comes in, it is refused or comes back equal, and every wire can show it."""

from __future__ import annotations

import json
import math
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import services
from sessions_app.dialects.native import serializers
from sessions_app.models import Session
from tests import factories
from tests.dialects.refusals import assert_refused
from tests.dialects.table import IDS

pytestmark = pytest.mark.usefixtures("store")


@pytest.mark.parametrize("length", [255, 4000])
def test_large_integers_are_kept(client, length):
    number = int("9" * length)
    assert client.post("/api/sessions", {"session_id": "n", "state": number}).json()["state"] == number
    assert client.get("/api/sessions/n").json()["state"] == number


def equal(ours, theirs):
    """Equal as JSON values are: 1 and 1.0 are, True and 1 are not."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(equal(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(equal, ours, theirs))
    return isinstance(ours, bool) == isinstance(theirs, bool) and ours == theirs


texts = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(["", "\x00", "\ud800", "x" * 256])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**63, -(2**70), 1e308])
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
moments = st.sampled_from([0, 1.5, "2025-09-05", "2025-09-05T16:02:09+05:30", "x", 1e20, "0001-01-01", "9999-12-31"])
roles = st.sampled_from(["user", "assistant", "tool", "system", "developer"]) | texts
parts = st.dictionaries(st.sampled_from(["type", "text", "image_url", "file", "content"]), anything | st.just("text"))
calls = st.lists(st.dictionaries(st.sampled_from(["id", "function", "name", "arguments"]), anything), max_size=2)
messages = st.fixed_dictionaries(
    {"role": roles},
    optional={
        "content": anything | st.lists(parts, max_size=2),
        "tool_calls": calls | anything,
        "created_at": moments | anything,
        "usage": st.dictionaries(st.sampled_from(["prompt_tokens", "input_tokens", "total_tokens"]), anything)
        | anything,
        "name": anything,
        "reasoning_content": anything,
        "images": anything | st.lists(anything, max_size=2),
        "from_history": anything,
        "payload": anything,
        "messages": anything,
    },
)
items = st.fixed_dictionaries(
    {"type": st.sampled_from(["message", "reasoning", "function_call", "function_call_output", "x_call"]) | texts},
    optional=dict.fromkeys(
        ("role", "content", "summary", "call_id", "arguments", "output", "name", "action"), anything
    ),
)


plain = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


def likely(serializer_class, **known):
    """Bodies of a serializer's fields that are taken more often than not: at most one field holds anything at all."""
    fields = {name: field for name, field in serializer_class().fields.items() if not field.read_only}
    usual = {
        "IdField": plain,
        "TextField": plain | st.just(""),
        "MomentField": st.sampled_from([0, 1.5, "2025-09-05", "2025-09-05T16:02:09+05:30"]),
        "WholeNumberField": st.integers(0, 2**31 - 1),
        "NumberField": st.floats(0, 1e15) | st.integers(0, 10**15),
        "FlagField": st.booleans(),
        "ObjectField": st.dictionaries(texts, anything, max_size=3),
        "TextListField": st.lists(plain, max_size=3),
    }
    strategies = {name: usual.get(type(field).__name__, anything) for name, field in fields.items()}
    strategies |= {
        name: st.sampled_from(sorted(field.choices)) for name, field in fields.items() if hasattr(field, "choices")
    }
    bodies = st.fixed_dictionaries({}, optional=strategies | known)
    odd = st.dictionaries(st.sampled_from(sorted(fields)), anything | moments | texts, max_size=1)
    described = {"agent_id": "a-1"} if "agent_id" in fields else {}
    return st.tuples(bodies, st.just({}) | odd).map(lambda both: described | both[0] | both[1])


MODEL = st.dictionaries(st.sampled_from(["provider", "id"]), plain)
fuzz = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
AS_SENT = [
    "user_id",
    "name",
    "state",
    "summary",
    "index_ids",
    "shared_access",
    "details",
    "branched_at",
    "type",
    "agent_id",
]
RUN_AS_SENT = ["parent_run_id", "agent_id", "user_id", "status", "input", "content", "duration_ms", "turns", "is_error"]
RUN_AS_SENT += ["error", "export_config_ids", "details"]


def is_moderate(value):
    """PostgreSQL's jsonb writes a large float as an integer, which is not quite equal."""
    if isinstance(value, dict | list):
        return all(map(is_moderate, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or abs(value) < 2**53 or not math.isfinite(value)


@fuzz
@given(
    body=likely(
        serializers.SessionInputSerializer,
        model=MODEL,
        metadata=st.dictionaries(plain, anything, max_size=3),
        parent_session_id=st.just(IDS["session_id"]),
    )
)
def test_any_session_is_refused_or_comes_back_equal(client, body):
    response = client.post("/api/sessions", body)
    if response.status_code != 201:
        return assert_refused(response, 409, 422)
    made = response.json()
    shown = [name for name in AS_SENT if name in body]
    shown += ["metadata"] if is_moderate(body.get("metadata")) and "metadata" in body else []
    for name in shown:
        assert equal(made[name], body[name]), name
    assert "tags" not in body or made["tags"] == sorted(set(body["tags"]))
    if "/" not in made["session_id"] and made["session_id"] not in {".", ".."}:
        assert_every_wire_shows(client, made["session_id"])
    Session.objects.filter(session_id=made["session_id"]).delete()
    return None


def assert_every_wire_shows(client, session_id):
    path_id = quote(session_id, safe="")
    for url in ("/api/sessions/{}", "/sessions/{}", "/v1/sessions/{}/summary", "/api/v1/chat/{}/summary"):
        assert client.get(url.format(path_id)).status_code == 200
    assert_events(client.get(f"/api/v1/chat/{path_id}"))
    for form in ("json", "markdown", "openai"):
        assert client.get(f"/api/sessions/{path_id}/export?as={form}").status_code == 200


EVENTS = {"user_input": {"content": str}, "text": {"content": str}, "thinking": {"content": str}}
EVENTS["tool_call"] = {"call_id": str, "name": str, "arguments": dict}
EVENTS["tool_result"] = {"call_id": str, "name": str, "result": object}
EVENTS["stop"] = {"is_error": bool, "error": str | None, "usage": dict}


def assert_events(response):
    """Clients take an event that lacks something, or has it of another type, for the end of the conversation."""
    assert response.status_code == 200
    for event in response.json()["events"]:
        assert all(isinstance(event[name], kind) for name, kind in EVENTS[event["type"]].items()), event


@fuzz
@given(body=messages | st.lists(messages, max_size=3) | anything)
def test_any_message_is_refused_or_comes_back_equal(client, body):
    assert_messages(client, body, body if isinstance(body, list) else [body])


@fuzz
@given(body=st.lists(items, max_size=3))
def test_any_item_is_refused_or_comes_back_equal(client, body):
    assert_messages(client, {"messages": body, "format": "openai.responses"}, body)


def assert_messages(client, body, payloads):
    client.post("/api/sessions", {"session_id": "fuzz"})
    response = client.post("/api/sessions/fuzz/messages", body)
    if response.status_code != 201:
        return assert_refused(response, 422)
    rows = client.get("/api/sessions/fuzz/messages").json()["results"]
    if all("role" in payload or "payload" not in payload for payload in payloads):
        assert json.dumps([row["payload"] for row in rows]) == json.dumps(payloads)
    assert_every_wire_shows(client, "fuzz")
    client.delete("/api/sessions/fuzz")
    return None


@fuzz
@given(
    body=likely(
        serializers.RunInputSerializer,
        model=MODEL,
        usage=likely(serializers.UsageSerializer),
        messages=st.lists(messages, max_size=2),
        format=st.just("openai.chat"),
        export_config_ids=st.lists(st.sampled_from(["a", "b"])),
    )
)
def test_any_run_is_refused_or_comes_back_equal(client, body):
    client.post("/api/sessions", {"session_id": "fuzz"})
    response = client.post("/api/sessions/fuzz/runs", body)
    if response.status_code != 201:
        return assert_refused(response, 422)
    made = response.json()
    for name in (name for name in RUN_AS_SENT if name in body):
        assert equal(made[name], body[name]), name
    if "messages" in body:
        assert json.dumps([row["payload"] for row in made["messages"]]) == json.dumps(body["messages"])
    again = client.post("/api/sessions/fuzz/runs", {**body, "run_id": made["run_id"]})
    assert (again.status_code, again.json()) == (200, made)
    assert_every_wire_shows(client, "fuzz")
    client.delete("/api/sessions/fuzz")
    return None


def test_a_session_with_a_slash_in_its_id_can_be_found_and_deleted(client, project):
    """No path leads to it, as an id is one segment of a path."""
    response = client.post("/api/sessions", {"session_id": "a/b"})
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["body", "session_id"])
    services.create_session(project=project, session_id="a/b")
    assert [row["session_id"] for row in client.get("/api/sessions?q=a/b").json()["results"]] == ["a/b"]
    assert client.delete("/api/sessions", {"session_ids": ["a/b"]}).json() == {"deleted": 1}


def test_a_database_refuses_nothing_that_we_took(client, project):
    factories.SessionFactory(project=project, session_id="sum")
    for _ in range(3):
        response = client.post(
            "/api/sessions/sum/runs", {"usage": dict.fromkeys(["input_tokens", "output_tokens"], 2**39)}
        )
        assert response.status_code == 201
