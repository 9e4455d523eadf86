from __future__ import annotations

import pytest
from django.core.checks import Error
from django.test import override_settings

from sessions_app.checks import check_settings
from tests import factories

OBSERVED = override_settings(AGENT_SESSIONS={"LYZR_RESPONSE_SHAPES": "observed"})


@pytest.fixture
def agent(project):
    return factories.AgentFactory(project=project, agent_id="a")


def session(agent, session_id, **fields):
    return factories.SessionFactory(project=agent.project, agent=agent, session_id=session_id, **fields)


def test_published_sessions(client, agent):
    for n, published in enumerate([True, False, "true", 1, None, [True]]):
        session(agent, f"s-{n}", metadata={"published": published})
    session(agent, "s-none", metadata=None)
    assert client.get("/v1/agent/a/published/sessions").json() == {"published_sessions": ["s-0"]}
    assert client.get("/v1/agent/x/published/sessions").status_code == 404


@OBSERVED
def test_observed_rows(client, agent):
    hello = [{"role": "user", "content": "Hello"}]
    session(agent, "nothing", user_id=None)
    session(agent, "said", messages=hello)
    session(agent, "named", name="Name", messages=hello)
    row = session(agent, "titled", name="Name", metadata={"title": "Title", "published": True})
    rows = client.get("/v1/agent/a/sessions").json()
    assert [(row["session_id"], row["session_name"]) for row in rows] == [
        ("titled", "Title"),
        ("named", "Name"),
        ("said", "Hello"),
        ("nothing", ""),
    ]
    assert rows[0].keys() == {"session_id", "session_name", "user_id", "created_at"}
    assert client.get("/v1/agent/a/published/sessions").json() == [
        {
            "agent_id": "a",
            "session_id": "titled",
            "session_name": "Title",
            "metadata": {"title": "Title", "published": True},
            "created_at": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        }
    ]


def test_a_users_sessions(client, agent):
    session(agent, "other", user_id="otto")
    rows = [session(agent, f"s-{n}", user_id="hh@gmail.com") for n in range(2)]
    assert client.get("/v1/users/hh@gmail.com/sessions").json() == [
        {"session_id": row.session_id, "created_at": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")}
        for row in reversed(rows)
    ]
    assert client.get("/v1/users/nobody/sessions").json() == []
    assert client.get(f"/v1/users/{'x' * 256}/sessions").json()["detail"][0]["loc"] == ["path", "user_id"]


@pytest.mark.parametrize("shapes", ["documented", "observed"])
@pytest.mark.parametrize("path", ["agent/a/sessions", "agent/a/published/sessions", "users/u/sessions"])
def test_queries_are_few(client, agent, django_assert_max_num_queries, path, shapes):
    for n in range(30):
        session(agent, f"s-{n}", user_id="u", metadata={"published": True})
    with override_settings(AGENT_SESSIONS={"LYZR_RESPONSE_SHAPES": shapes}), django_assert_max_num_queries(6):
        assert "s-29" in client.get(f"/v1/{path}").content.decode()


@pytest.mark.parametrize("value", ["x", None, True, ["observed"]])
def test_a_wrong_setting_is_e201(value):
    with override_settings(AGENT_SESSIONS={"LYZR_RESPONSE_SHAPES": value}):
        [problem] = check_settings()
    assert isinstance(problem, Error)
    assert problem.id == "sessions_app.E201"
