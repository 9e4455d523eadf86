"""``POST /v1/traces`` without an SDK: encodings, packing, what is refused and how that is said."""

from __future__ import annotations

import builtins
import gzip
import json
import zlib

import pytest
from django.core.cache import cache
from django.test import override_settings
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from sessions_app import services
from sessions_app.models import Session, Span, Trace
from tests import factories
from tests.conftest import client_with
from tests.dialects.otlp.requests import JSON, PROTOBUF, TRACE_ID, URL, protobuf_of, request_of, span_of
from tests.telemetry.traces import snapshot


@pytest.fixture
def post(client):
    def send(body, content_type=JSON, by=client, **headers):
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        return by.post(URL, body, content_type=content_type, **headers)

    return send


PARTS = [{"role": "user", "parts": [{"type": "text", "content": "Grüße, 日本"}]}]
SPAN = span_of(gen_ai__input__messages=PARTS, gen_ai__usage__input_tokens=7)


def test_json_is_answered_in_json(post):
    answer = post(request_of(SPAN))
    assert (answer.status_code, answer["Content-Type"], answer.json()) == (200, JSON, {})
    run = Session.objects.get(session_id="c-1").runs.get()
    assert (run.run_id, run.input_tokens, run.duration_ms, run.input) == (TRACE_ID, 7, 1500.0, "Grüße, 日本")


def test_protobuf_is_answered_in_protobuf_and_stored_alike(post, project):
    assert post(request_of(SPAN)).status_code == 200
    other = factories.ProjectFactory()
    answer = post(protobuf_of(request_of(SPAN)), PROTOBUF, client_with(factories.APIKeyFactory(project=other)))
    assert (answer.status_code, answer["Content-Type"]) == (200, PROTOBUF)
    assert not ExportTraceServiceResponse.FromString(answer.content).HasField("partial_success")
    assert snapshot(other) == snapshot(project) != {}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_media_type_may_have_parameters(post, content_type):
    assert post(request_of(SPAN), content_type).json() == {}
    assert Session.objects.count() == 1


def test_gzip(post):
    body = gzip.compress(json.dumps(request_of(SPAN)).encode())
    assert post(body, HTTP_CONTENT_ENCODING="gzip").status_code == 200
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"not gzip", gzip.compress(b"x" * 99)[:-9], gzip.compress(b"{}") + b"rest"],
    ids=["empty", "text", "cut off", "with a rest"],  # Else each worker has ids of its own: gzip writes the time.
)
def test_what_is_no_gzip_is_400(post, body):
    answer = post(body or b"\x1f", HTTP_CONTENT_ENCODING="gzip")
    assert (answer.status_code, answer["Content-Type"]) == (400, JSON)
    assert answer.json()["message"]


def test_an_empty_request_is_fine(post):
    assert post(b"", PROTOBUF).status_code == 200
    assert post({}).json() == {}
    assert post({"resourceSpans": [{}]}).json() == {}
    assert not Trace.objects.exists()


@override_settings(AGENT_SESSIONS={"MAX_BODY_BYTES": 5000})
def test_a_body_is_bounded_as_sent_and_unpacked(post):
    bomb = gzip.compress(json.dumps(request_of(span_of(x="0" * 100_000))).encode())
    assert len(bomb) < 5000
    for answer in (post(bomb, HTTP_CONTENT_ENCODING="gzip"), post(request_of(span_of(x="0" * 5000)))):
        assert (answer.status_code, answer["Content-Type"]) == (413, JSON)
        assert "5000 bytes" in answer.json()["message"]
    assert not Trace.objects.exists()


@pytest.mark.parametrize(
    ("content_type", "encoding"), [("text/plain", ""), (JSON, "deflate"), (JSON, "br"), ("application/grpc", "")]
)
def test_another_encoding_is_415(post, content_type, encoding):
    answer = post(zlib.compress(b"{}"), content_type, HTTP_CONTENT_ENCODING=encoding)
    assert answer.status_code == 415
    told = Status.FromString(answer.content).message if answer["Content-Type"] == PROTOBUF else answer.json()["message"]
    assert told.startswith("Send ")


BAD_JSON = [
    b"x",
    b"[]",
    b"null",
    b'"text"',
    b'{"resourceSpans": 5}',
    b'{"resourceSpans": [5]}',
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "soon"}]}]}]}',
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": NaN}]}]}]}',
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\\ud800"}]}]}]}',
    b"[" * 10_000,
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", BAD_JSON, ids=lambda body: ascii(body)[:40])
def test_what_is_no_request_is_400(post, body):
    answer = post(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, JSON)
    assert answer.json()["message"]


def test_protobuf_that_is_none_is_400_in_protobuf(post):
    answer = post(b"\xff\xff\xff", PROTOBUF)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROTOBUF)
    assert "ExportTraceServiceRequest" in Status.FromString(answer.content).message


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"HTTP_X_API_KEY": "wrong"}, 401), ({"HTTP_AUTHORIZATION": "Bearer x"}, 401)]
)
def test_without_a_key_it_is_401(anonymous, db, headers, status):
    answer = anonymous.post(URL, b"", content_type=PROTOBUF, **headers)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (status, "Bearer")
    assert Status.FromString(answer.content).message


def test_a_reading_key_is_403(post, project):
    reader = client_with(factories.APIKeyFactory(project=project, scope="read"))
    answer = post(request_of(SPAN), by=reader)
    assert (answer.status_code, answer.json()) == (403, {"message": "This API key may only read"})
    assert not Trace.objects.exists()


def test_another_method_is_405(client):
    answer = client.get(URL)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@override_settings(AGENT_SESSIONS={"THROTTLE_RATE": "1/min"})
def test_too_many_are_429(post):
    cache.clear()
    post(b"", PROTOBUF)
    answer = post(b"", PROTOBUF)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "throttled" in Status.FromString(answer.content).message


def test_without_the_packages_it_is_501(post, monkeypatch):
    def without_protobuf(name, *arguments, **options):
        if name == "sessions_app.telemetry" and "otlp" in (arguments[2] or ()):
            raise ImportError(name)
        return load(name, *arguments, **options)

    load = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_protobuf)
    answer = post(b"\x0a", PROTOBUF)
    assert (answer.status_code, answer["Content-Type"]) == (501, JSON)
    assert "django-agent-sessions[otlp]" in answer.json()["message"]


def test_spans_that_cannot_be_stored_are_counted(post):
    bad = [
        span_of(trace_id="00" * 16),
        span_of(span_id="zz"),
        span_of(span_id="01" * 8, gen_ai__conversation__id="x" * 256),
        span_of(span_id="02" * 8, user__id="a\x00b"),
    ]
    answer = post(request_of(*bad, SPAN)).json()["partialSuccess"]
    assert answer["rejectedSpans"] == "4"
    assert "trace id" in answer["errorMessage"]
    assert "255" in answer["errorMessage"]
    assert Session.objects.get().runs.get().input_tokens == 7


def test_another_users_conversation_is_rejected(post, project):
    services.create_session(project=project, session_id="c-1", user_id="maria")
    otto = client_with(factories.APIKeyFactory(project=project, user_id="otto"))
    before = snapshot(project)
    answer = post(protobuf_of(request_of(SPAN)), PROTOBUF, otto)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans) == (200, 1)
    assert partial.error_message == "The conversation is another user's"
    assert snapshot(project) == before
    assert not Trace.objects.exists()


def test_a_bound_key_writes_for_its_user(post, project):
    otto = client_with(factories.APIKeyFactory(project=project, user_id="otto"))
    assert post(request_of(span_of(user__id="maria")), by=otto).json() == {}
    session = Session.objects.get()
    assert (session.user_id, session.runs.get().user_id) == ("otto", "otto")


def test_nobody_adds_to_a_trace_that_another_users_key_sent(post, project):
    maria, otto = (client_with(factories.APIKeyFactory(project=project, user_id=name)) for name in ("maria", "otto"))
    post(request_of(SPAN), by=maria)
    mine = span_of(span_id="0a" * 8, gen_ai__conversation__id="c-2")
    assert post(request_of(mine), by=otto).json() == {}
    assert {session.session_id: session.user_id for session in Session.objects.all()} == {"c-1": "maria", "c-2": "otto"}
    assert Session.objects.get(session_id="c-1").run_count == 1


def test_two_projects_may_have_the_same_trace(post, project):
    stranger = factories.APIKeyFactory()
    post(request_of(SPAN))
    post(request_of(SPAN), by=client_with(stranger))
    assert snapshot(project) == snapshot(stranger.project) != {}


def test_sent_again_nothing_changes(post, project, django_assert_max_num_queries):
    post(request_of(SPAN))
    session = Session.objects.get()
    with django_assert_max_num_queries(8):
        post(request_of(SPAN))
    assert Session.objects.get().revision == session.revision
    assert Span.objects.count() == 1
