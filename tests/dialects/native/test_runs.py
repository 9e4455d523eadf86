from __future__ import annotations

import json
import uuid

import pytest

from sessions_app.models import Agent, Message, RunMetadata, Session
from tests import factories
from tests.dialects.native.test_sessions import NO_USAGE

URL = "/api/sessions/s/runs"
USER = {"role": "user", "content": "Where is my parcel?"}
ANSWER = {"role": "assistant", "content": "Here.", "metrics": {"input_tokens": 3, "output_tokens": 4}}
USAGE = {name: count for count, name in enumerate(NO_USAGE, start=1)}
GIVEN = {
    "run_id": "run-1",
    "parent_run_id": "run-0",
    "agent_id": "support",
    "agent_type": "team",
    "user_id": "maria",
    "status": "ERROR",
    "input": {"z": 2**70, "a": "\x00\ud83d"},
    "content": ["anything", 0.5, None],
    "model": {"provider": "OpenAI", "id": "gpt-4o"},
    "usage": USAGE,
    "duration_ms": 1840.5,
    "turns": 2,
    "is_error": False,
    "error": "It broke.",
    "export_config_ids": ["x", "y"],
    "details": {"events": [1, {"b": None}]},
    "created_at": "2025-09-05T16:02:09.000000Z",
    "updated_at": "2025-09-05T16:02:10.500000Z",
}


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project, session_id="s")


@pytest.fixture
def run(client, session):
    return client.post(URL, {**GIVEN, "messages": [USER, ANSWER]}).json()


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


class TestUpdate:
    @pytest.mark.parametrize(
        ("change", "more"),
        [
            ({}, {}),
            ({"status": "COMPLETED"}, {"is_error": False}),
            ({"status": "ERROR"}, {"is_error": True}),
            ({"is_error": True}, {}),
            ({"content": None}, {}),
            ({"input": "x"}, {}),
            ({"agent_id": "support", "agent_type": "team"}, {}),
            ({"agent_id": None}, {"agent_type": None}),
            ({"agent_id": "other"}, {"agent_type": "agent"}),
            ({"user_id": None}, {}),
            ({"parent_run_id": None}, {}),
            ({"model": {"id": "gpt-5"}}, {"model": {"provider": "OpenAI", "id": "gpt-5"}}),
            ({"duration_ms": None}, {}),
            ({"turns": 0}, {}),
            ({"error": None}, {}),
            ({"export_config_ids": None}, {}),
            ({"details": [1]}, {}),
            ({"created_at": "2020-01-01T00:00:00.000000Z"}, {}),
            ({"usage": {"reasoning_tokens": 90}}, {"usage": {**USAGE, "reasoning_tokens": 90}}),
            ({"usage": {"input_tokens": 90}}, {"usage": {**USAGE, "input_tokens": 90, "total_tokens": 92}}),
        ],
        ids=lambda value: json.dumps(value)[:50],
    )
    def test_it_changes_the_given_fields_only(self, client, run, change, more):
        response = client.patch(f"{URL}/run-1", change)
        after, before = dict(response.json()), dict(run)
        assert response.status_code == 200
        assert after.pop("updated_at") > before.pop("updated_at")
        assert after == {**before, **change, **more}
        assert client.get(f"{URL}/run-1").json() == response.json()

    def test_messages_are_appended(self, client, run):
        client.post("/api/sessions/s/messages", USER)
        response = client.patch(f"{URL}/run-1", {"messages": [ANSWER]})
        assert [row["position"] for row in response.json()["messages"]] == [0, 1, 3]
        assert response.json()["usage"] == {**USAGE, "input_tokens": 4, "output_tokens": 6, "total_tokens": 10}

    @pytest.mark.parametrize(
        "body", [{"messages": [USER, {}]}, {"run_id": "x"}, {"status": "x"}, {"agent_type": "team"}]
    )
    def test_a_bad_change_changes_nothing(self, client, run, body):
        response = client.patch(f"{URL}/run-1", {**body, "content": "changed"})
        assert response.status_code == 422
        assert client.get(f"{URL}/run-1").json() == run


def test_it_is_deleted_with_its_messages(client, run):
    response = client.delete(f"{URL}/run-1")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"{URL}/run-1").json() == {"detail": "Run not found"}
    assert client.delete(f"{URL}/run-1").status_code == 404
    shown = client.get("/api/sessions/s").json()
    assert [shown[name] for name in ("message_count", "run_count", "last_run_status")] == [0, 0, ""]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_run_is_404(client, session, method):
    response = getattr(client, method)(f"{URL}/unknown")
    assert (response.status_code, response.json()) == (404, {"detail": "Run not found"})


@pytest.mark.parametrize("run_id", ["x" * 256, "a%00b", "%7F"])
def test_a_bad_id_is_422(client, session, run_id):
    response = client.get(f"{URL}/{run_id}")
    assert [error["loc"] for error in response.json()["detail"]] == [["path", "run_id"]]


def test_all_bad_ids_are_named_in_order(client, session):
    response = client.get("/api/sessions/%00/runs/%00")
    assert [error["loc"] for error in response.json()["detail"]] == [["path", "session_id"], ["path", "run_id"]]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["a", "b", "c"]),
        ("?sort=-position", ["c", "b", "a"]),
        ("?status=ERROR", ["b"]),
        ("?status=ERROR&sort=-position", ["b"]),
        ("?status=PAUSED", []),
    ],
)
def test_the_list_filters_and_sorts(client, session, query, ids):
    for run_id, status in (("a", "COMPLETED"), ("b", "ERROR"), ("c", "RUNNING")):
        client.post(URL, {"run_id": run_id, "status": status})
    assert [row["run_id"] for row in client.get(URL + query).json()["results"]] == ids


def test_the_number_of_queries_does_not_grow(client, session, django_assert_num_queries):
    for count in (1, 30):
        for _ in range(count):
            factories.RunFactory(session=session, agent=factories.AgentFactory(project=session.project))
        client.get(URL)
        with django_assert_num_queries(2):
            client.get(URL)


def test_one_run_costs_as_many_queries_for_any_number_of_messages(client, session, django_assert_num_queries):
    for count in (1, 30):
        factories.RunFactory(session=session, run_id=str(count), messages=[USER] * count)
        client.get(f"{URL}/{count}")
        with django_assert_num_queries(3):
            client.get(f"{URL}/{count}")
