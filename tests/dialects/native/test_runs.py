"""Runs that are there: changed, deleted, listed."""

from __future__ import annotations

import json

import pytest

from tests import factories
from tests.dialects.native.runs import ANSWER, URL, USAGE, USER


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
