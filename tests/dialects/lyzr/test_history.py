from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import override_settings

from sessions_app import services
from sessions_app.services import NewMessage
from tests import factories
from tests.conftest import client_with

OBSERVED = override_settings(AGENT_SESSIONS={"LYZR_RESPONSE_SHAPES": "observed"})
MOMENT = datetime(2024, 8, 30, 9, 41, 44, tzinfo=UTC)
CALL = {"id": "c", "type": "function", "function": {"name": "find", "arguments": '{"n": 1}'}}
TURN = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Hi", "from_history": True},
    {"role": "user", "content": "Where\x00?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "Look."},
    {"role": "tool", "content": "here", "tool_call_id": "c"},
    {"role": "assistant", "content": [{"type": "text", "text": "Here."}]},
]


@pytest.fixture
def session(project):
    agent = factories.AgentFactory(project=project, agent_id="a-1")
    session = factories.SessionFactory(project=project, session_id="s", agent=agent, user_id="u")
    messages = [NewMessage({"role": "user", "content": "Hi"}, created_at=MOMENT)]
    services.append_messages(session=session, messages=messages)
    factories.RunFactory(session=session, agent=agent, messages=TURN, created_at=MOMENT)
    other = factories.AgentFactory(project=project, agent_id="a-2")
    factories.RunFactory(
        session=session, agent=other, parent_run_id="r", messages=[{"role": "assistant", "content": "aside"}]
    )
    return session


def contents(items):
    return [(item["role"], item["content"]) for item in items]


def test_it_is_what_people_can_read(client, session):
    body = client.get("/v1/sessions/s/history").json()
    assert body.keys() == {"history"}
    assert contents(body["history"]) == [("user", "Hi"), ("user", "Where\x00?"), ("assistant", "Here.")]
    assert body["history"][0] == {"role": "user", "content": "Hi", "created_at": "2024-08-30T09:41:44.000000"}
    assert client.get("/v1/sessions/s/conversation").json() == {"conversation": body["history"]}


@pytest.mark.parametrize(("unix", "is_unix"), [("true", True), ("false", False), ("", False), ("True", True)])
def test_times_as_epoch_seconds(client, session, unix, is_unix):
    first = client.get(f"/v1/sessions/s/history?unix={unix}").json()["history"][0]
    assert first["created_at"] == (MOMENT.timestamp() if is_unix else "2024-08-30T09:41:44.000000")
    assert client.get(f"/v1/sessions/s/a-1/history?unix={unix}").status_code == 200


def test_any_other_unix_is_422(client, session):
    response = client.get("/v1/sessions/s/history?unix=maybe")
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "unix"])


def test_of_one_agent(client, session):
    of_session = client.get("/v1/sessions/s/a-1/history").json()["history"]
    assert contents(of_session) == [("user", "Hi"), ("user", "Where\x00?"), ("assistant", "Here.")]
    assert contents(client.get("/v1/sessions/s/a-2/history").json()["history"]) == [("assistant", "aside")]
    client.post("/api/agents", {"agent_id": "a-3"})
    assert client.get("/v1/sessions/s/a-3/history").json() == {"history": []}
    assert client.get("/v1/sessions/s/nobody/history").json() == {"detail": "Agent not found"}


def test_a_bound_key_reads_the_agents_of_its_users_sessions(session, project):
    bound = client_with(factories.APIKeyFactory(project=project, user_id="u"))
    for agent_id in ("a-1", "a-2"):
        assert bound.get(f"/v1/sessions/s/{agent_id}/history").json()["history"]


@pytest.mark.parametrize("path", ["history", "a-1/history", "conversation"])
def test_a_session_without_messages_has_an_empty_one(client, session, project, path):
    factories.SessionFactory(project=project, session_id="empty")
    [items] = client.get(f"/v1/sessions/empty/{path}").json().values()
    assert items == []
    assert client.get(f"/v1/sessions/unknown/{path}").status_code == 404


@OBSERVED
def test_observed(client, session, project):
    assert len(client.get("/v1/sessions/s/history").json()) == 3
    assert len(client.get("/v1/sessions/s/a-1/history").json()) == 3
    assert client.get("/v1/sessions/s/conversation").json() == {
        "payload": "user: Hi\nuser: Where\x00?\nassistant: Here."
    }
    assert client.get("/v1/sessions/s/summary").json() == {"payload": "{}"}
    client.patch("/api/sessions/s", {"summary": {"ä": 1}})
    assert client.get("/v1/sessions/s/summary").json() == {"payload": '{"ä": 1}'}
    factories.SessionFactory(project=project, session_id="empty")
    assert client.get("/v1/sessions/empty/conversation").json() == {"payload": ""}
    assert client.get("/v1/sessions/empty/history").json() == []


def test_activities(client, session):
    rows = client.get("/v2/activities?user_id=u&session_id=s").json()
    assert [row["log_data"]["content"] for row in rows] == [
        "THOUGHT: Look.",
        'ACTION: find({"n": 1})',
        "OBSERVATION: here",
    ]
    assert len({row["_id"] for row in rows}) == 3
    for row in rows:
        assert row.keys() == {"_id", "session_id", "user_id", "log_data", "time_stamp"}
        assert len(row["_id"]) == 24
        assert datetime.strptime(row["time_stamp"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007


def test_activities_of_whoever_is_unknown(client, session):
    for query in ("user_id=x&session_id=s", "user_id=u&session_id=x"):
        assert client.get(f"/v2/activities?{query}").json() == []
    assert client.get("/v2/activities?user_id=u").json()["detail"][0]["loc"] == ["query", "session_id"]


def test_queries_are_few(client, session, django_assert_max_num_queries):
    for n in range(20):
        factories.RunFactory(session=session, run_id=f"x{n}", agent=session.agent, messages=TURN)
    for path in ("v1/sessions/s/history", "v1/sessions/s/a-1/history", "v2/activities?user_id=u&session_id=s"):
        with django_assert_max_num_queries(8):
            assert client.get(f"/{path}").status_code == 200
