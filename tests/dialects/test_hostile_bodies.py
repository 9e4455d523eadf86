"""Whatever body comes in, the answer is a 2xx or a 4xx in our shape."""

from __future__ import annotations

from itertools import product

import pytest
from django.test import override_settings

from sessions_app.models import Session
from tests.dialects.refusals import assert_refused
from tests.dialects.table import AGNO, ENDPOINTS, OTLP

pytestmark = pytest.mark.usefixtures("store")

WRITES = sorted(
    {(each.method, each.url()) for each in ENDPOINTS if each.body is not None and each not in [*AGNO, *OTLP]}
)
STRICT = sorted(set(WRITES) - {(each.method, each.url()) for each in ENDPOINTS if each.takes_all})
TOLERANT = {("post", "/api/v1/chat")}
"""Vendors' bodies without a required key: names that we do not know are left alone."""

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
