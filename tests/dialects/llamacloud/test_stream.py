from __future__ import annotations

import json

import pytest
from django.test import override_settings
from rest_framework.exceptions import ErrorDetail

from sessions_app.dialects.llamacloud.stream import frame
from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.conftest import client_with

URL = "/api/v1/chat/s/messages/stream"
BODY = {"index_ids": [], "prompt": "Which region?"}
ODD = "a\u2028b\u0085c\u2029d\r\ne\x1cf ä 日本 👩\u200d👧 data: [DONE]\n\n"


@pytest.fixture(autouse=True)
def session(project):
    return factories.SessionFactory(project=project, session_id="s", user_id=None)


def content_of(response):
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    return b"".join(response.streaming_content)


def events_of(response):
    *frames, end = content_of(response).decode("ascii").split("\n\n")
    assert end == ""
    assert all(each.startswith("data: ") and len(each.splitlines()) == 1 for each in frames)
    return [json.loads(each.removeprefix("data: ")) for each in frames]


def test_it_starts_with_the_users_words_and_ends_in_a_stop(client):
    first, last = events_of(client.post(URL, BODY))
    assert first == {"type": "user_input", "content": "Which region?"}
    assert (last["type"], last["is_error"]) == ("stop", True)
    assert last["error"].startswith("No agent answers")
    assert last["usage"] == {"turns": 0, "total_input_tokens": 0, "total_output_tokens": 0, "duration_ms": 0.0}


def test_its_headers_keep_it_flowing(client):
    response = client.post(URL, BODY)
    assert response.streaming
    wanted = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    assert {name: response[name] for name in wanted} == wanted
    assert "Content-Length" not in response


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html", "image/png"])
def test_accept_does_not_matter(client, accept):
    assert len(events_of(client.post(URL, BODY, HTTP_ACCEPT=accept))) == 2


def test_middleware_that_compresses_leaves_it_alone(client, settings):
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *settings.MIDDLEWARE]
    assert len(events_of(client.post(URL, BODY, HTTP_ACCEPT_ENCODING="gzip"))) == 2


@pytest.mark.parametrize("prompt", [ODD, "", " ", "\x00", "\ud800", "x" * 100_000])
def test_any_words_survive(client, prompt):
    first, _ = events_of(client.post(URL, {**BODY, "prompt": prompt}))
    assert first["content"] == prompt
    assert client.get("/api/v1/chat/s").json()["events"][0]["content"] == prompt


def test_a_frame_is_one_line_of_ascii():
    content = frame({"type": "text", "content": ODD})
    assert content.isascii()
    assert content.count(b"\n") == 2
    assert content.endswith(b"}\n\n")
    assert json.loads(content.removeprefix(b"data: "))["content"] == ODD


def test_the_turn_is_a_run_with_the_users_message(client, session):
    events = events_of(client.post(URL, {**BODY, "index_ids": ["i"], "require_all_indexes": True}))
    run, message = RunMetadata.objects.get(), Message.objects.get()
    assert (run.status, run.is_error, run.error) == ("ERROR", True, events[-1]["error"])
    assert run.details == {"index_ids": ["i"], "require_all_indexes": True}
    assert (message.run, message.payload) == (run, {"role": "user", "content": "Which region?"})
    full = client.get("/api/v1/chat/s").json()
    assert full["events"] == events
    assert full["generated_title"] == "Which region?"
    assert full["job_metadata"]["is_error"] is True
    assert full["job_metadata"]["error"] == events[-1]["error"]


def test_sent_twice_it_is_two_turns(client):
    for _ in range(2):
        client.post(URL, BODY)
    assert RunMetadata.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"prompt": "x"}, ["body", "index_ids"]),
        ({"prompt": "x", "index_ids": None}, ["body", "index_ids"]),
        ({"prompt": "x", "index_ids": [f"{n}" for n in range(11)]}, ["body", "index_ids"]),
        ({"index_ids": []}, ["body", "prompt"]),
        ({"index_ids": [], "prompt": None}, ["body", "prompt"]),
        ({"index_ids": [], "prompt": 5}, ["body", "prompt"]),
        ({**BODY, "require_all_indexes": None}, ["body", "require_all_indexes"]),
        ({**BODY, "require_all_indexes": "yes"}, ["body", "require_all_indexes"]),
    ],
)
def test_what_is_wrong_is_said_before_the_stream_starts(client, body, loc):
    response = client.post(URL, body)
    assert (response.status_code, response["Content-Type"]) == (422, "application/json")
    assert [error["loc"] for error in response.json()["detail"]] == [loc]
    assert not Message.objects.exists()


def test_refusals_are_json_too(client, anonymous, project):
    reader = client_with(factories.APIKeyFactory(project=project, scope="read"))
    stranger = client_with(factories.APIKeyFactory())
    other = client_with(factories.APIKeyFactory(project=project, user_id="otto"))
    for each, status in ((anonymous, 401), (reader, 403), (stranger, 404), (other, 404)):
        response = each.post(URL, BODY)
        assert (response.status_code, response["Content-Type"]) == (status, "application/json")
        assert isinstance(response.json()["detail"], str | ErrorDetail)
    assert not Message.objects.exists()


def test_a_users_key_speaks_for_the_user(project):
    marias = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
    session_id = marias.post("/api/v1/chat", {}).json()["session_id"]
    events_of(marias.post(f"/api/v1/chat/{session_id}/messages/stream", BODY))
    assert RunMetadata.objects.get().user_id == "maria"


def test_the_site_may_limit_prompts(client):
    with override_settings(AGENT_SESSIONS={"MAX_PROMPT_LENGTH": 5}):
        assert client.post(URL, {**BODY, "prompt": "12345"}).status_code == 200
        response = client.post(URL, {**BODY, "prompt": "123456"})
    [error] = response.json()["detail"]
    assert (response.status_code, error["loc"], error["type"]) == (422, ["body", "prompt"], "string_too_long")


def test_the_site_may_answer_in_json(client):
    with override_settings(AGENT_SESSIONS={"LLAMACLOUD_STREAM_JSON": True}):
        response = client.post(URL, BODY)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == {"events": client.get("/api/v1/chat/s").json()["events"]}


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("LLAMACLOUD_STREAM_JSON", 1, "sessions_app.E301"),
        ("MAX_PROMPT_LENGTH", 0, "sessions_app.E302"),
        ("MAX_PROMPT_LENGTH", "5", "sessions_app.E302"),
    ],
)
def test_wrong_settings_have_their_own_ids(name, value, check_id):
    from sessions_app.checks import check_settings

    with override_settings(AGENT_SESSIONS={name: value}):
        assert [problem.id for problem in check_settings()] == [check_id]


def test_a_deleted_session_is_gone(client):
    Session.objects.all().delete()
    assert client.post(URL, BODY).status_code == 404
