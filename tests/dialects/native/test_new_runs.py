"""``POST /api/sessions/<id>/runs``: what is kept and shown of a body, what is refused, and a run that comes again."""

from __future__ import annotations

import json
import uuid

import pytest

from sessions_app.models import Agent, Message, RunMetadata, Session
from tests import factories
from tests.dialects.native.runs import ANSWER, GIVEN, URL, USAGE, USER
from tests.dialects.native.sessions import NO_USAGE


class TestRecord:
    def test_what_goes_in_comes_out(self, client, session):
        response = client.post(URL, {**GIVEN, "messages": [USER, ANSWER]})
        body = dict(response.json())
        messages = body.pop("messages")
        assert response.status_code == 201
        assert body == {**GIVEN, "position": 0}
        assert [(row["position"], row["run_id"], row["payload"]) for row in messages] == [
            (0, "run-1", USER),
            (1, "run-1", ANSWER),
        ]
        assert client.get(f"{URL}/run-1").json() == response.json()
        assert client.get("/api/sessions/s/messages").json()["results"] == messages

    def test_the_list_shows_all_but_what_can_be_large(self, client, run):
        [row] = client.get(URL).json()["results"]
        assert row == {key: value for key, value in run.items() if key not in {"details", "messages"}}

    def test_everything_may_be_left_out(self, client, session):
        body = dict(client.post(URL, {}).json())
        assert str(uuid.UUID(body.pop("run_id")))
        assert body.pop("created_at") == body.pop("updated_at")
        nothing = ["parent_run_id", "agent_id", "agent_type", "user_id", "input", "content", "duration_ms", "error"]
        assert body == {
            **dict.fromkeys([*nothing, "export_config_ids", "details"]),
            "position": 0,
            "status": "COMPLETED",
            "model": {},
            "usage": NO_USAGE,
            "turns": 1,
            "is_error": False,
            "messages": [],
        }

    def test_without_usage_the_messages_are_added_up(self, client, session):
        usage = client.post(URL, {"messages": [USER, ANSWER, ANSWER]}).json()["usage"]
        assert usage == {**NO_USAGE, "input_tokens": 6, "output_tokens": 8, "total_tokens": 14}

    def test_totals_follow(self, client, session):
        usage = client.post(URL, {"usage": {"input_tokens": 134, "output_tokens": 26}}).json()["usage"]
        assert usage == {**NO_USAGE, "input_tokens": 134, "output_tokens": 26, "total_tokens": 160}

    def test_an_error_is_one_by_its_status(self, client, session):
        assert client.post(URL, {"status": "ERROR"}).json()["is_error"] is True

    def test_the_session_counts(self, client, run):
        shown = client.get("/api/sessions/s").json()
        named = ("message_count", "run_count", "error_count", "last_run_status", "usage", "generated_title")
        assert [shown[name] for name in named] == [2, 1, 0, "ERROR", USAGE, "Where is my parcel?"]

    def test_its_agent_is_of_the_sessions_type_unless_it_says(self, client, project):
        factories.SessionFactory(project=project, session_id="s", type="workflow", agent=None)
        assert client.post(URL, {"agent_id": "w"}).json()["agent_type"] == "workflow"
        assert client.post(URL, {"agent_id": "w", "agent_type": "agent"}).json()["agent_type"] == "agent"
        assert Agent.objects.filter(agent_id="w").count() == 2

    @pytest.mark.parametrize(
        ("body", "loc", "type_"),
        [
            ({"run_id": ""}, ["run_id"], "string_too_short"),
            ({"run_id": None}, ["run_id"], "null_not_allowed"),
            ({"run_id": "x" * 256}, ["run_id"], "string_too_long"),
            ({"run_id": "\n"}, ["run_id"], "control_character"),
            ({"parent_run_id": ""}, ["parent_run_id"], "string_too_short"),
            ({"agent_type": "team"}, ["agent_type"], "value_error"),
            ({"agent_id": None, "agent_type": "team"}, ["agent_type"], "value_error"),
            ({"agent_id": "a", "agent_type": "robot"}, ["agent_type"], "enum"),
            ({"status": "DONE"}, ["status"], "enum"),
            ({"status": "completed"}, ["status"], "enum"),
            ({"model": {"name": "x"}}, ["model", "name"], "extra_forbidden"),
            ({"usage": None}, ["usage"], "null_not_allowed"),
            ({"usage": {"tokens": 1}}, ["usage", "tokens"], "extra_forbidden"),
            ({"usage": {"input_tokens": -1}}, ["usage", "input_tokens"], "greater_than_equal"),
            ({"usage": {"input_tokens": 2**64}}, ["usage", "input_tokens"], "less_than_equal"),
            ({"usage": {"input_tokens": 1.5}}, ["usage", "input_tokens"], "int_type"),
            ({"usage": {"input_tokens": "5"}}, ["usage", "input_tokens"], "int_type"),
            ({"usage": {"input_tokens": None}}, ["usage", "input_tokens"], "null_not_allowed"),
            ({"duration_ms": -1}, ["duration_ms"], "greater_than_equal"),
            ({"duration_ms": 1e16}, ["duration_ms"], "less_than_equal"),
            ({"duration_ms": 10**400}, ["duration_ms"], "overflow"),
            ({"duration_ms": "nan"}, ["duration_ms"], "float_type"),
            ({"duration_ms": True}, ["duration_ms"], "float_type"),
            ({"turns": -1}, ["turns"], "greater_than_equal"),
            ({"turns": 2**31}, ["turns"], "less_than_equal"),
            ({"turns": "1"}, ["turns"], "int_type"),
            ({"is_error": "yes"}, ["is_error"], "bool_type"),
            ({"is_error": 1}, ["is_error"], "bool_type"),
            ({"is_error": None}, ["is_error"], "null_not_allowed"),
            ({"error": {"a": 1}}, ["error"], "string_type"),
            ({"error": "\x00"}, ["error"], "null_characters_not_allowed"),
            ({"export_config_ids": [1]}, ["export_config_ids", 0], "string_type"),
            ({"format": "x"}, ["format"], "enum"),
            ({"format": None}, ["format"], "null_not_allowed"),
            ({"messages": None}, ["messages"], "null_not_allowed"),
            ({"messages": {}}, ["messages"], "list_type"),
            ({"messages": [USER, {}]}, ["messages", 1, "role"], "missing"),
            ({"messages": [USER, 5]}, ["messages", 1], "dict_type"),
            ({"messages": [{"payload": {}}]}, ["messages", 0, "payload", "role"], "missing"),
            ({"messages": [{"payload": USER, "format": "x"}]}, ["messages", 0, "format"], "enum"),
            ({"messages": [{"payload": USER, "x": 1}]}, ["messages", 0, "x"], "extra_forbidden"),
            ({"position": 5}, ["position"], "extra_forbidden"),
            ({"runid": "x"}, ["runid"], "extra_forbidden"),
        ],
        ids=lambda value: json.dumps(value)[:50],
    )
    def test_a_bad_run_is_422_and_nothing_is_kept(self, client, session, body, loc, type_):
        query = "?create=true&agent_id=new"
        for url in (URL, f"/api/sessions/new/runs{query}"):
            response = client.post(url, body)
            assert response.status_code == 422
            assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [(["body", *loc], type_)]
        assert not any(model.objects.exists() for model in (RunMetadata, Message))
        assert not Agent.objects.filter(agent_id__in=["new", "a"]).exists()
        assert Session.objects.get().run_seq == 0

    def test_an_agent_of_a_bad_run_is_not_made(self, client, session):
        assert client.post(URL, {"agent_id": "new", "messages": [{}]}).status_code == 422
        assert not Agent.objects.filter(agent_id="new").exists()

    def test_it_makes_the_session_where_asked_to(self, client):
        assert client.post(URL, {"run_id": "r"}).status_code == 404
        query = "?create=true&type=workflow&agent_id=flow&user_id=maria"
        assert client.post(URL + query, {"run_id": "r", "input": "Go", "messages": [USER]}).status_code == 201
        shown = client.get("/api/sessions/s").json()
        assert [shown[name] for name in ("type", "agent_id", "user_id", "run_count")] == [
            "workflow",
            "flow",
            "maria",
            1,
        ]


class TestAgain:
    @pytest.mark.parametrize("body", [{}, GIVEN, {"status": "CANCELLED", "messages": [ANSWER] * 3, "agent_id": "x"}])
    def test_it_answers_the_same_and_stores_nothing(self, client, run, body):
        session = client.get("/api/sessions/s").json()
        response = client.post(URL, {**body, "run_id": "run-1"})
        assert (response.status_code, response.json()) == (200, run)
        assert client.get("/api/sessions/s").json() == session
        assert Message.objects.count() == 2

    def test_in_another_session_it_is_another_run(self, client, run):
        assert client.post("/api/sessions/other/runs?create=true", {"run_id": "run-1"}).status_code == 201

    def test_after_its_deletion_it_is_new(self, client, run):
        client.delete(f"{URL}/run-1")
        response = client.post(URL, GIVEN)
        assert (response.status_code, response.json()["position"]) == (201, 1)
