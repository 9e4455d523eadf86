from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.utils import timezone

from sessions_app.models import Agent, Message, Session
from tests import factories

URL = "/api/sessions/s/messages"
USER = {"role": "user", "content": "Where is my parcel?"}
ANSWER = {
    "role": "assistant",
    "content": "It arrives on Friday.",
    "usage": {"prompt_tokens": 3, "completion_tokens": 4},
}
ODD = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id": 17}'}}],
    "unknown": {"z": [2**70, -0.5, "\x00", "\ud83d"], "a": None},
    "created_at": 1757088129,
}
CALL = {"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"}


def stored():
    return [message.payload for message in Message.objects.in_order()]


class TestAppend:
    def test_one(self, client, session):
        response = client.post(URL, ANSWER)
        assert response.status_code == 201
        body = dict(response.json())
        moment = datetime.fromisoformat(body.pop("created_at"))
        assert abs((timezone.now() - moment).total_seconds()) < 10
        assert body == {
            "position": 0,
            "run_id": None,
            "role": "assistant",
            "text": "It arrives on Friday.",
            "name": "",
            "tool_call_id": "",
            "from_history": False,
            "usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
            "format": "openai.chat",
            "payload": ANSWER,
        }
        assert client.get(f"{URL}/0").json() == response.json()
        assert client.get(URL).json()["results"] == [response.json()]

    def test_a_list_is_answered_with_a_list(self, client, session):
        response = client.post(URL, [USER, ANSWER])
        assert response.status_code == 201
        assert [(row["position"], row["payload"]) for row in response.json()] == [(0, USER), (1, ANSWER)]

    def test_a_list_of_one_is_answered_with_a_list(self, client, session):
        assert [row["payload"] for row in client.post(URL, [USER]).json()] == [USER]

    def test_several_of_one_format(self, client, session):
        response = client.post(URL, {"messages": [CALL], "format": "openai.responses"})
        assert [(row["format"], row["payload"]) for row in response.json()] == [("openai.responses", CALL)]

    def test_the_format_may_be_left_out(self, client, session):
        assert [row["format"] for row in client.post(URL, {"messages": [USER]}).json()] == ["openai.chat"]

    @pytest.mark.parametrize("wrap", [lambda it: it, lambda it: [it], lambda it: {"messages": [it]}])
    def test_an_envelope_says_more(self, client, session, wrap):
        envelope = {"payload": CALL, "format": "openai.responses", "created_at": "2025-09-05T16:02:09Z"}
        response = client.post(URL, wrap(envelope))
        assert response.status_code == 201
        [row] = client.get(URL).json()["results"]
        assert row["payload"] == CALL
        assert (row["format"], row["created_at"]) == ("openai.responses", "2025-09-05T16:02:09.000000Z")

    def test_an_envelope_takes_the_format_of_its_list(self, client, session):
        body = {
            "messages": [{"payload": CALL}, {"payload": USER, "format": "openai.chat"}],
            "format": "openai.responses",
        }
        assert [row["format"] for row in client.post(URL, body).json()] == ["openai.responses", "openai.chat"]

    def test_unknown_keys_and_odd_values_are_kept(self, client, session):
        response = client.post(URL, ODD)
        assert response.json()["payload"] == ODD
        assert list(response.json()["payload"]) == list(ODD)
        assert response.json()["created_at"] == "2025-09-05T16:02:09.000000Z"

    def test_a_message_may_have_messages_and_payload(self, client, session):
        message = {"role": "user", "content": "x", "messages": [1], "payload": {"a": 1}, "format": "mine"}
        assert client.post(URL, message).json()["payload"] == message

    def test_positions_go_on(self, client, session):
        client.post(URL, [USER, ANSWER])
        client.delete(f"{URL}/1")
        assert client.post(URL, USER).json()["position"] == 2

    @pytest.mark.parametrize(
        ("body", "loc", "type_"),
        [
            ({}, ["role"], "missing"),
            ({"content": "x"}, ["role"], "missing"),
            ({"role": None}, ["role"], "string_type"),
            ({"role": ""}, ["role"], "string_type"),
            ({"role": 5}, ["role"], "string_type"),
            ({"role": "x" * 65}, ["role"], "string_type"),
            ({"role": "\x00"}, ["role"], "string_type"),
            ({"role": "\ud800"}, ["role"], "string_type"),
            ({"role": "user", "tool_calls": "x"}, ["tool_calls"], "list_type"),
            ({"role": "user", "tool_calls": [5]}, ["tool_calls"], "list_type"),
            ([], [], "too_short"),
            ([USER, {"content": "x"}], [1, "role"], "missing"),
            ([USER, 5], [1], "dict_type"),
            ([USER, None], [1], "dict_type"),
            ([[USER]], [0], "dict_type"),
            ({"messages": []}, ["messages"], "too_short"),
            ({"messages": None}, ["messages"], "null_not_allowed"),
            ({"messages": USER}, ["messages"], "list_type"),
            ({"messages": [USER, {}]}, ["messages", 1, "role"], "missing"),
            ({"messages": [USER], "format": "x"}, ["format"], "enum"),
            ({"messages": [USER], "format": 5}, ["format"], "string_type"),
            ({"messages": [USER], "format": None}, ["format"], "null_not_allowed"),
            ({"messages": [USER], "fromat": "x"}, ["fromat"], "extra_forbidden"),
            ({"payload": {}}, ["payload", "role"], "missing"),
            ({"payload": USER, "format": "x"}, ["format"], "enum"),
            ({"payload": USER, "created_at": "x"}, ["created_at"], "datetime_type"),
            ({"payload": USER, "run_id": "x"}, ["run_id"], "extra_forbidden"),
            ([USER, {"payload": {}}], [1, "payload", "role"], "missing"),
            ([USER, {"payload": USER, "format": "x"}], [1, "format"], "enum"),
            ([USER, {"payload": USER, "x": 1}], [1, "x"], "extra_forbidden"),
            ({"messages": [{"payload": {"role": 5}}]}, ["messages", 0, "payload", "role"], "string_type"),
            ({"messages": [CALL, {"type": 5}], "format": "openai.responses"}, ["messages", 1, "type"], "string_type"),
            ("text", [], "dict_type"),
            (5, [], "dict_type"),
            (True, [], "dict_type"),
        ],
        ids=lambda value: json.dumps(value)[:50],
    )
    def test_one_bad_message_and_nothing_is_kept(self, client, session, body, loc, type_):
        response = client.post(URL, body)
        assert response.status_code == 422
        assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [(["body", *loc], type_)]
        assert not Message.objects.exists()
        session.refresh_from_db()
        assert (session.message_count, session.message_seq, session.revision) == (0, 0, 0)

    def test_an_unknown_session_is_404(self, client, db):
        response = client.post(URL, USER)
        assert (response.status_code, response.json()) == (404, {"detail": "Session not found"})
        assert not Session.objects.exists()


class TestCreateOnFirstMention:
    def test_it_makes_the_session(self, client):
        query = "?create=true&type=team&agent_id=t&user_id=maria"
        assert client.post(URL + query, USER).status_code == 201
        shown = client.get("/api/sessions/s").json()
        named = ("type", "agent_id", "user_id", "generated_title", "message_count")
        assert [shown[name] for name in named] == ["team", "t", "maria", "Where is my parcel?", 1]

    def test_the_next_message_joins_it(self, client):
        client.post(f"{URL}?create=true&user_id=maria", USER)
        assert client.post(f"{URL}?create=true&user_id=otto&agent_id=new", ANSWER).json()["position"] == 1
        assert client.get("/api/sessions/s").json()["user_id"] == "maria"
        assert not Agent.objects.exists()

    def test_a_bad_message_makes_nothing(self, client):
        for body in ([USER, {}], {"payload": USER, "x": 1}, []):
            assert client.post(f"{URL}?create=true&agent_id=new", body).status_code == 422
        assert not any(model.objects.exists() for model in (Session, Agent))

    @pytest.mark.parametrize("query", ["create=false", "create=0", "user_id=maria"])
    def test_it_must_be_asked_for(self, client, query):
        assert client.post(f"{URL}?{query}", USER).status_code == 404

    @pytest.mark.parametrize("query", ["create=maybe", "creat=true", "create=true&type=x", "create=true&agent_id=%00"])
    def test_a_bad_parameter_is_422(self, client, query):
        response = client.post(f"{URL}?{query}", USER)
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"][0] == "query"
        assert not Session.objects.exists()

    def test_a_bad_id_is_422(self, client):
        assert client.post(f"/api/sessions/{'x' * 256}/messages?create=true", USER).status_code == 422


class TestList:
    @pytest.fixture(autouse=True)
    def messages(self, client, session):
        client.post(URL, [USER, ANSWER])
        client.post("/api/sessions/s/runs", {"run_id": "r", "messages": [USER, {**USER, "from_history": True}]})

    @pytest.mark.parametrize(
        ("query", "positions"),
        [
            ("", [0, 1, 2, 3]),
            ("?sort=-position", [3, 2, 1, 0]),
            ("?role=user", [0, 2, 3]),
            ("?role=tool", []),
            ("?run_id=r", [2, 3]),
            ("?run_id=x", []),
            ("?run_id=r&role=user&sort=-position&page_size=1", [3]),
        ],
    )
    def test_it_filters_and_sorts(self, client, query, positions):
        assert [row["position"] for row in client.get(URL + query).json()["results"]] == positions

    def test_it_shows_the_run(self, client):
        assert [row["run_id"] for row in client.get(URL).json()["results"]] == [None, None, "r", "r"]

    @pytest.mark.parametrize("query", ["?sort=role", "?role=%00", "?run_id=%00", "?roel=user", "?page_size=x"])
    def test_a_bad_parameter_is_422(self, client, query):
        assert client.get(URL + query).status_code == 422


def test_the_number_of_queries_does_not_grow(client, session, django_assert_num_queries):
    for count in (1, 30):
        for _ in range(count):
            factories.RunFactory(session=session, messages=[USER], details={"large": True})
        client.get(URL)
        with django_assert_num_queries(2) as captured:
            client.get(URL)
        assert "details" not in captured[-1]["sql"].split("WHERE")[0]


class TestOne:
    @pytest.fixture(autouse=True)
    def messages(self, client, session):
        client.post(URL, [USER, ANSWER])

    def test_it_is_replaced_in_its_place(self, client):
        before = client.get(f"{URL}/1").json()
        payload = {"role": "assistant", "content": "On Monday."}
        response = client.patch(f"{URL}/1", {"payload": payload})
        no_tokens = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        assert response.status_code == 200
        assert response.json() == {**before, "payload": payload, "text": "On Monday.", "usage": no_tokens}
        assert client.get(f"{URL}/1").json() == response.json()
        assert client.get("/api/sessions/s").json()["usage"]["total_tokens"] == 0

    def test_its_format_may_change(self, client):
        response = client.patch(f"{URL}/0", {"payload": CALL, "format": "openai.responses"})
        assert (response.json()["format"], response.json()["role"]) == ("openai.responses", "assistant")

    @pytest.mark.parametrize(
        ("body", "loc", "type_"),
        [
            ({}, ["payload"], "missing"),
            ({"payload": None}, ["payload"], "null_not_allowed"),
            ({"payload": []}, ["payload"], "dict_type"),
            ({"payload": {"content": "x"}}, ["payload", "role"], "missing"),
            ({"payload": USER, "format": "x"}, ["format"], "enum"),
            ({"payload": USER, "role": "user"}, ["role"], "extra_forbidden"),
        ],
    )
    def test_a_bad_change_changes_nothing(self, client, body, loc, type_):
        response = client.patch(f"{URL}/0", body)
        assert response.status_code == 422
        assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [(["body", *loc], type_)]
        assert stored() == [USER, ANSWER]

    def test_it_is_deleted(self, client):
        response = client.delete(f"{URL}/0")
        assert (response.status_code, response.content) == (204, b"")
        assert client.get(f"{URL}/0").status_code == 404
        assert client.delete(f"{URL}/0").status_code == 404
        assert stored() == [ANSWER]
        assert client.get("/api/sessions/s").json()["message_count"] == 1

    @pytest.mark.parametrize("method", ["get", "patch", "delete"])
    @pytest.mark.parametrize("position", ["2", "9" * 18, "9" * 19, "9" * 5000, str(2**63), str(2**64)])
    def test_an_unknown_position_is_404(self, client, method, position):
        response = getattr(client, method)(
            f"{URL}/{position}", **({"data": {"payload": USER}} if method == "patch" else {})
        )
        assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})

    @pytest.mark.parametrize("position", ["x", "-1", "1.0", "1e3", "+1", "%20", "%00", "\u0661", "0x1"])
    def test_what_is_no_position_is_422(self, client, position):
        response = client.get(f"{URL}/{position}")
        assert response.status_code == 422
        assert [error["loc"] for error in response.json()["detail"]] == [["path", "position"]]

    def test_leading_zeros_count_for_nothing(self, client):
        assert client.get(f"{URL}/01").json()["position"] == 1
