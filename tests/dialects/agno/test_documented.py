from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from sessions_app import services
from sessions_app.models import Session
from sessions_app.reading import MOST_JOINED
from tests import factories

DOCUMENTED = json.loads((Path(__file__).parent / "documented.json").read_text())
SESSION_ID = DOCUMENTED["session_id"]
URL = f"/sessions/{SESSION_ID}"
NATIVE = f"/api/sessions/{SESSION_ID}"
MOMENT = DOCUMENTED["created_at"]


def written_by_services(project):
    agent_data, metrics = DOCUMENTED["agent_data"], DOCUMENTED["metrics"]
    agent = services.ensure_agent(
        project=project, agent_id="basic-agent", name=agent_data["name"], model=agent_data["model"]
    )
    session = services.create_session(
        project=project,
        session_id=SESSION_ID,
        agent=agent,
        user_id=DOCUMENTED["user_id"],
        name=DOCUMENTED["session_name"],
        state={},
        summary=DOCUMENTED["session_summary"],
    )
    messages = [services.NewMessage(payload) for payload in DOCUMENTED["chat_history"]]
    services.record_run(session=session, run_id="run-1", messages=messages, usage=metrics)
    moment = datetime.fromisoformat(MOMENT)
    services.update_session(session=session, created_at=moment, updated_at=moment)


def write_by_our_api(client, **changes):
    session = {
        "session_id": SESSION_ID,
        "user_id": DOCUMENTED["user_id"],
        "agent_id": "basic-agent",
        "agent_name": DOCUMENTED["agent_data"]["name"],
        "model": DOCUMENTED["agent_data"]["model"],
        "summary": DOCUMENTED["session_summary"],
        "state": {},
        "created_at": MOMENT,
        **changes,
    }
    run = {"run_id": "run-1", "messages": DOCUMENTED["chat_history"], "usage": DOCUMENTED["metrics"]}
    assert client.post("/api/sessions", session).status_code == 201
    assert client.post(f"{NATIVE}/runs", run).status_code == 201
    assert client.patch(NATIVE, {"updated_at": MOMENT}).status_code == 200


def test_the_documented_example_written_by_services(client, project):
    written_by_services(project)
    response = client.get(URL)
    assert (response.status_code, response.json()) == (200, DOCUMENTED)


@pytest.mark.parametrize(
    "query", ["", "?type=agent", "?type=agent&db_id=default", "?db_id=default&table=agno_sessions"]
)
def test_the_documented_example_written_by_our_api(client, query):
    write_by_our_api(client)
    response = client.get(URL + query)
    assert (response.status_code, response.json()) == (200, DOCUMENTED)


def test_a_team_has_a_shape_of_its_own(client):
    write_by_our_api(client, type="team", agent_id="basic-team", agent_name="Team", model={}, metadata={"a": 1})
    expected = {key: value for key, value in DOCUMENTED.items() if key not in {"agent_session_id", "agent_id"}}
    del expected["agent_data"]
    assert client.get(f"{URL}?type=team").json() == {
        **expected,
        "team_id": "basic-team",
        "team_data": {"name": "Team", "team_id": "basic-team"},
        "metadata": {"a": 1},
    }


def test_a_workflow_has_a_shape_of_its_own(client):
    write_by_our_api(client, type="workflow", agent_id="flow", agent_name="Flow", model={}, state={"step": 2}, name="N")
    assert client.get(f"{URL}?type=workflow").json() == {
        "user_id": "123",
        "session_id": SESSION_ID,
        "session_name": "N",
        "session_data": {"session_name": "N", "session_state": {"step": 2}},
        "session_state": {"step": 2},
        "workflow_id": "flow",
        "workflow_data": {"name": "Flow", "workflow_id": "flow"},
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


def test_an_empty_session_has_no_nulls(client):
    client.post("/api/sessions", {"session_id": SESSION_ID, "created_at": MOMENT})
    body = client.get(URL).json()
    assert body.pop("metrics") == dict.fromkeys(DOCUMENTED["metrics"], 0)
    assert body == {
        "agent_session_id": SESSION_ID,
        "session_id": SESSION_ID,
        "session_name": "",
        "total_tokens": 0,
        "chat_history": [],
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }


def test_the_site_may_leave_roles_out(client):
    write_by_our_api(client)
    with override_settings(AGENT_SESSIONS={"AGNO_CHAT_HISTORY_SKIPS_ROLES": ("system",)}):
        assert client.get(URL).json() == {**DOCUMENTED, "chat_history": DOCUMENTED["chat_history"][1:]}


class TestErrors:
    @pytest.fixture(autouse=True)
    def session(self, project):
        return factories.SessionFactory(project=project, session_id="s", user_id="maria ", type="team")

    @pytest.mark.parametrize(
        ("query", "detail"),
        [
            ("", "Session with id 'x' not found"),
            ("?type=agent", "Agent Session with id 'x' not found"),
            ("?type=team", "Team Session with id 'x' not found"),
            ("?type=workflow", "Workflow Session with id 'x' not found"),
        ],
    )
    def test_an_unknown_session_is_404(self, client, query, detail):
        response = client.get(f"/sessions/x{query}")
        assert (response.status_code, response.json()) == (404, {"detail": detail})

    def test_another_type_is_404(self, client):
        assert client.get("/sessions/s?type=team").status_code == 200
        assert client.get("/sessions/s?type=agent").json() == {"detail": "Agent Session with id 's' not found"}

    @pytest.mark.parametrize("type_", ["", "AGENT", "robot", "agent ", "\x00", "null"])
    def test_an_unknown_type_is_422(self, client, type_):
        response = client.get("/sessions/s", {"type": type_})
        assert response.status_code == 422
        expected = "'agent', 'team' or 'workflow'"
        assert response.json() == {
            "detail": [
                {
                    "type": "enum",
                    "loc": ["query", "type"],
                    "msg": f"Input should be {expected}",
                    "input": type_,
                    "ctx": {"expected": expected},
                }
            ]
        }

    @pytest.mark.parametrize(
        ("query", "status", "detail"),
        [
            ("db_id=nope", 404, "No database found with id 'nope'"),
            ("db_id=default&table=nope", 404, "No database with id 'default' has table 'nope'"),
            ("table=agno_sessions", 400, "The db_id query parameter is required when passing a table"),
        ],
    )
    def test_an_unknown_database(self, client, query, status, detail):
        response = client.get(f"/sessions/s?{query}")
        assert (response.status_code, response.json()) == (status, {"detail": detail})

    def test_empty_parameters_are_not_given(self, client):
        assert client.get("/sessions/s?db_id=&table=").status_code == 200

    def test_the_last_of_several_counts(self, client):
        assert client.get("/sessions/s?type=agent&type=team").status_code == 200

    def test_several_databases_must_be_named(self, client):
        with override_settings(AGENT_SESSIONS={"DB_IDS": {"one": "default", "two": "default"}}):
            assert client.get("/sessions/s").status_code == 400
            assert client.get("/sessions/s?db_id=two").status_code == 200

    @pytest.mark.parametrize(("user_id", "status"), [("maria ", 200), ("maria", 404), ("Maria ", 404), ("", 404)])
    def test_another_user_is_404(self, client, user_id, status):
        assert client.get("/sessions/s", {"user_id": user_id}).status_code == status

    def test_a_user_with_a_null_character_is_422(self, client):
        response = client.get("/sessions/s?user_id=%00")
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["query", "user_id"]

    def test_without_a_key(self, anonymous):
        response = anonymous.get("/sessions/s")
        assert (response.status_code, response.json()) == (401, {"detail": "Authorization header required"})
        assert "WWW-Authenticate" not in response

    def test_with_a_wrong_key(self, anonymous):
        response = anonymous.get("/sessions/s", HTTP_AUTHORIZATION="Bearer wrong")
        assert (response.status_code, response.json()) == (401, {"detail": "Invalid authentication token"})
        assert "WWW-Authenticate" not in response

    @pytest.mark.parametrize("path_id", ["x" * 256, "a%00b", "%0A", "%7F"])
    def test_a_bad_id_is_422(self, client, path_id):
        response = client.get(f"/sessions/{path_id}")
        assert response.status_code == 422
        assert [error["loc"] for error in response.json()["detail"]] == [["path", "session_id"]]

    def test_another_method_is_405(self, client):
        response = client.post("/sessions/s", {})
        assert response.status_code == 405
        assert response["Allow"] == "GET"


ODD_DETAILS = [
    5,
    "text",
    [],
    {"session_data": 5},
    {"session_data": []},
    {"session_data": {"session_metrics": 5}},
    {"session_data": {"session_metrics": [1]}},
    {"session_data": {"session_metrics": None}},
    {"session_data": {"session_metrics": {"total_tokens": "many"}}},
    {"agent_data": 5, "team_data": "x", "workflow_data": [1]},
]


@pytest.mark.parametrize("type_", ["agent", "team", "workflow"])
@pytest.mark.parametrize("details", ODD_DETAILS, ids=json.dumps)
def test_whatever_lies_in_details_it_answers(client, type_, details):
    body = {"session_id": "s", "type": type_, "details": details, "summary": {"summary": 5, "updated_at": []}}
    assert client.post("/api/sessions", body).status_code == 201
    assert client.get("/sessions/s").status_code == 200


def test_a_frameworks_own_metrics_go_before_the_sums(client):
    write_by_our_api(client, details={"session_data": {"session_metrics": {"total_tokens": 7, "odd": True}}})
    shown = client.get(URL).json()
    assert (shown["metrics"], shown["total_tokens"]) == ({"total_tokens": 7, "odd": True}, 7)


def test_the_number_of_queries_does_not_grow(client, project, django_assert_num_queries):
    for count in (1, 30, MOST_JOINED + 1):
        session = factories.SessionFactory(
            project=project, session_id=str(count), messages=[{"role": "user", "content": "x"}] * count
        )
        client.get(f"/sessions/{count}")
        comes_along = connection.vendor == "postgresql" and count <= MOST_JOINED
        with django_assert_num_queries(1 if comes_along else 2):
            assert len(client.get(f"/sessions/{count}").json()["chat_history"]) == count
        assert Session.objects.get(pk=session.pk).message_count == count
