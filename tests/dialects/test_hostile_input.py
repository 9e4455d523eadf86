"""Whatever comes in, the answer is a 2xx or a 4xx in our shape; what was taken comes back equal."""

from __future__ import annotations

import json
import math
from itertools import product
from urllib.parse import quote

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import services
from sessions_app.dialects.native import serializers
from sessions_app.models import Session
from tests import factories
from tests.dialects.routes import document, route_of
from tests.dialects.table import AGNO, ENDPOINTS, IDS, OTLP, fill

WRITES = sorted(
    {(each.method, each.url()) for each in ENDPOINTS if each.body is not None and each not in [*AGNO, *OTLP]}
)
STRICT = sorted(set(WRITES) - {(each.method, each.url()) for each in ENDPOINTS if each.takes_all})
TOLERANT = {("post", "/api/v1/chat")}
"""Vendors' bodies without a required key: names that we do not know are left alone."""
READS = {each.url(): each for each in ENDPOINTS if each.method == "get" and not each.query}


@pytest.fixture(autouse=True)
def everything(project):
    return fill(project)


def assert_refused(response, *statuses, sent=""):
    """Says so in our shape."""
    asked = [response.request[name][:200] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")]
    assert response.status_code in (statuses or range(400, 500)), (asked, sent[:200], response.content[:200])
    assert response["Content-Type"] == "application/json"
    detail = response.json()["detail"]
    if response.status_code == 422:
        assert detail
        for error in detail:
            assert error.keys() >= {"loc", "msg", "type"}
            assert error["loc"][0] in {"path", "query", "body"}
            assert all(isinstance(step, str | int) for step in error["loc"])
            assert isinstance(error["msg"], str)
            assert isinstance(error["type"], str)
    else:
        assert isinstance(detail, str)


NOT_JSON = [
    b"x",
    b"{",
    b"{'name': 1}",
    b"name=x&type=agent",
    b"<xml/>",
    b"NaN",
    b'{"metadata": {"a": NaN}}',
    b'{"name": Infinity}',
    b'{"duration_ms": 1e400}',
    b'{"name": -1e400}',
    b"[" * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"state":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"state":' + b"[" * 256 + b"]" * 256 + b"}",
    b'{"branched_at": ' + b"9" * 5000 + b"}",
    b'{"name": "\xff\xfe"}',
    b'{"name": "\xc3"}',
    b'{"name": "a\x00b"}',
    b"\x00" * 10,
    b"\x1f\x8b\x08\x00gzip",
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--",
]


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "url"), WRITES)
def test_what_is_no_json_is_400(client, method, url):
    before = list(Session.objects.values())
    for body in NOT_JSON:
        response = getattr(client, method)(url, body, content_type="application/json")
        assert_refused(response, 400, sent=body)
        assert len(response.content) < 1000
        assert list(Session.objects.values()) == before


CONTENT_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "x/y"]


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "url"), WRITES)
def test_no_content_type_makes_it_json(client, method, url):
    for content_type, body in product(CONTENT_TYPES, [b"name=x", b"--x\r\n\r\n--x--", b"{"]):
        response = getattr(client, method)(url, body, content_type=content_type)
        assert_refused(response, 400, sent=f"{content_type}: {body}")


OF_ANOTHER_SHAPE = [
    b"null",
    b"5",
    b"true",
    b'"text"',
    b"[]",
    b"[[]]",
    b"[null]",
    b'["role"]',
    b'{"\\u0000": 1}',
    b'{"\\ud800": 1}',
    b'{"non_field_errors": 1}',
    b'{"__proto__": 1, "__class__": 2, "": 3}',
    b'{"session_ids": 5, "agent_id": 5, "name": {}, "payload": 5, "messages": 5, "role": 5}',
]


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "url"), STRICT)
def test_json_of_another_shape_is_422(client, method, url):
    for body in OF_ANOTHER_SHAPE:
        response = getattr(client, method)(url, body, content_type="application/json")
        if (method, url) in TOLERANT and body.startswith(b"{"):
            assert response.status_code == 200, body
            continue
        assert_refused(response, 422, sent=body)
        assert {error["loc"][0] for error in response.json()["detail"]} == {"body"}, body


@pytest.mark.one_database
@pytest.mark.parametrize(("method", "url"), WRITES)
def test_too_large_a_body_is_413(client, method, url):
    with override_settings(AGENT_SESSIONS={"MAX_BODY_BYTES": 100}):
        response = getattr(client, method)(url, b'{"name": "%s"}' % (b"x" * 100), content_type="application/json")
    assert_refused(response, 413)


def test_djangos_own_limit_of_a_body_does_not_count(client):
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert client.post("/api/sessions", {"name": "x" * 100}).status_code == 201


def test_of_a_repeated_key_the_last_counts(client):
    response = client.post("/api/sessions", b'{"name": "a", "name": "b"}', content_type="application/json")
    assert (response.status_code, response.json()["name"]) == (201, "b")


@pytest.mark.one_database
def test_millions_of_unknown_names_get_a_short_answer(client):
    response = client.post("/api/sessions", {f"x{n}": 1 for n in range(100_000)})
    assert_refused(response, 422)
    assert len(response.json()["detail"]) <= 100


@pytest.mark.one_database
@pytest.mark.parametrize("body", [{"tags": [5] * 100_000}, {"index_ids": [5] * 100_000}, {"tags": [5] * 100, "x": 1}])
def test_millions_of_bad_items_get_a_short_answer(client, body):
    response = client.post("/api/sessions", body)
    assert_refused(response, 422)
    assert len(response.json()["detail"]) <= 100


@pytest.mark.parametrize("length", [255, 4000])
def test_large_integers_are_kept(client, length):
    number = int("9" * length)
    assert client.post("/api/sessions", {"session_id": "n", "state": number}).json()["state"] == number
    assert client.get("/api/sessions/n").json()["state"] == number


PARAMETERS = ["page_size", "cursor", "agent_id", "type", "user_id", "status", "q", "tag", "has_errors", "sort"]
PARAMETERS += ["created_after", "created_before", "updated_after", "updated_before", "metadata.a", "role", "run_id"]
PARAMETERS += ["create", "as", "db_id", "table", "project_id", "organization_id", "timeout", "format", "x"]
VALUES = [
    "",
    "%00",
    "a%00b",
    "%",
    "%zz",
    "%ff%fe",
    "%ed%a0%80",
    "9" * 30,
    "9" * 5000,
    "-1",
    "1e400",
    "NaN",
    "null",
    "[]",
    "%7B%22a%22%3A1%7D",
    "'%20OR%201=1--",
    "..%2F..%2Fetc",
    "%F0%9F%98%80",
    "x" * 5000,
]


def queries_with(name):
    values = [f"{name}={value}" for value in VALUES]
    forms = [f"{name}=%00&{name}=1", f"{name}=1&{name}=%00", f"{name}[]=%00", f"%00={name}", f"%ff={name}", name]
    return values + forms


@pytest.mark.parametrize("url", sorted(READS))
def test_no_query_breaks_a_read(client, url):
    """Each parameter that the read has is tried alone; those that it has not are refused or ignored, all at once."""
    documented = document()["paths"][route_of(READS[url])]["get"].get("parameters", [])
    own = {parameter["name"] for parameter in documented if parameter["in"] == "query"}
    alone = own | {name for name in PARAMETERS if name.partition(".")[0] in own}
    others = [name for name in PARAMETERS if name not in alone]
    queries = [query for name in sorted(alone) for query in queries_with(name)]
    queries += map("&".join, zip(*map(queries_with, others), strict=True))
    for query in queries:
        response = client.get(f"{url}?{query}")
        if response.status_code >= 300:
            assert_refused(response)


@pytest.mark.parametrize("url", sorted(READS))
def test_too_many_parameters_are_refused_or_ignored(client, url):
    response = client.get(url + "?" + "&".join(f"x{n}=1" for n in range(1100)))
    if response.status_code != 200:
        assert_refused(response, 400, 422)


PATH_IDS = ["%00", "%0A", "%7F", "%C2%80", "x" * 256, "x" * 100_000, "%ff", "%", "%zz", "%25", "%20", ".%20."]
PATH_IDS += ["%F0%9F%98%80", "'--"]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("url", sorted({each.url() for each in ENDPOINTS if "<" in each.route and not each.query}))
def test_no_path_breaks_anything(client, url, method):
    for name, path_id in product(IDS.values(), PATH_IDS):
        if f"/{name}" in url:
            response = getattr(client, method)(url.replace(f"/{name}", f"/{path_id}", 1))
            if (method, url) == ("delete", "/sessions/s-1") and response.status_code == 204:
                continue  # AgentOS says so of a session that is not there, too.
            if response.status_code != 200 or response.json() != []:  # As of a user that nobody has heard of.
                assert_refused(response, 404, 405, 422)


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
    max_examples=150,
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
