"""AgentOS itself, with our database classes under it."""

from __future__ import annotations

import pytest
from agno.os import AgentOS
from django.db import connections
from django.test.utils import CaptureQueriesContext
from fastapi.testclient import TestClient

from tests.adapters.agno.scripted import agent


@pytest.fixture
def served(either):
    with TestClient(AgentOS(agents=[agent(either)], telemetry=False).get_app()) as client:
        yield client


def test_sessions_are_made_listed_renamed_and_deleted(served):
    made = served.post("/sessions?type=agent", json={"session_id": "s", "session_name": "One"})
    assert (made.status_code, made.json()["session_name"]) == (201, "One")
    assert served.post("/sessions?type=agent", json={"session_id": "s"}).status_code == 409
    renamed = served.post("/sessions/s/rename?type=agent", json={"session_name": "Two"})
    assert renamed.json()["session_name"] == "Two"
    changed = served.patch("/sessions/s", json={"session_state": {"a": 1}, "metadata": {"b": 2}})
    assert (changed.json()["session_state"], changed.json()["metadata"]) == ({"a": 1}, {"b": 2})
    listed = served.get("/sessions?session_name=wo").json()
    assert [row["session_name"] for row in listed["data"]] == ["Two"]
    assert served.delete("/sessions/s").status_code == 204
    assert served.get("/sessions/s").status_code == 404


def test_runs_are_made_and_read(served):
    for message in ("city=Bonn", "And now?"):
        answer = served.post("/agents/clerk/runs", data={"message": message, "session_id": "s", "stream": "false"})
        assert answer.status_code == 200, answer.text
    runs = served.get("/sessions/s/runs").json()
    assert [run["run_input"] for run in runs] == ["city=Bonn", "And now?"]
    detail = served.get("/sessions/s").json()
    assert (detail["session_name"], detail["total_tokens"]) == ("city=Bonn", 36)
    assert detail["session_state"] == {"city": "Bonn"}
    assert served.get("/sessions/s/run-previews").json()[1]["run_input"] == "And now?"
    one = served.get(f"/sessions/s/runs/{runs[0]['run_id']}").json()
    assert one["content"] == "Said 1 times"


def test_a_list_names_its_sessions_without_their_runs(store):
    for number in range(3):
        agent(store).run(f"Question {number}", session_id=f"s{number}")
    rows, total = store.get_sessions(limit=20, page=1, deserialize=False)
    assert (total, [row["runs"][0]["messages"][0]["content"] for row in rows]) == (
        3,
        [f"Question {n}" for n in range(3)],
    )
    with TestClient(AgentOS(agents=[agent(store)], telemetry=False).get_app()) as client:
        names = [row["session_name"] for row in client.get("/sessions").json()["data"]]
    assert sorted(names) == ["Question 0", "Question 1", "Question 2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "queries"),
    [
        ({"include_runs": False}, 1),
        ({"limit": 20, "page": 1, "deserialize": False}, 2),
        ({"include_runs": True}, 3),
        ({}, 3),
    ],
)
def test_no_list_asks_once_for_each_session(project, asked, queries):
    from sessions_app.adapters.agno import DjangoDb

    store = DjangoDb(project)
    for number in range(3):
        agent(store).run("Hello", session_id=f"s{number}")
        agent(store).run("Hello again", session_id=f"s{number}")
    with CaptureQueriesContext(connections["default"]) as captured:
        store.get_sessions(**asked)
    assert len(captured) == queries
