from __future__ import annotations

import json

import pytest

from sessions_app import services
from sessions_app.dialects.agno import rows
from tests import factories

RUN = {"run_id": "r", "agent_id": "a", "status": "COMPLETED", "created_at": 1757088129}


def store(project, *runs, type_="agent", **row):
    session = rows.store_session(project, {"session_id": "s", "session_type": type_, f"{type_}_id": "a", **row})
    for run in runs:
        rows.store_run(session, run)
    return session


def only(client, url="/sessions/s/runs"):
    (run,) = client.get(url).json()
    return run


ODD_RUNS = [
    {},
    {"status": None, "user_id": None, "content": None, "input": None, "messages": None, "created_at": None},
    {"status": "odd", "user_id": "", "model": "", "parent_run_id": "", "messages": [], "metrics": None},
    {"status": 5, "user_id": 5, "model": ["x"], "parent_run_id": {}, "messages": "text", "created_at": 1.5},
    {"messages": [{"role": "user", "content": "a"}, {"content": "without a role"}], "created_at": -1},
    {"messages": [5], "metrics": {"input_tokens": -1, "output_tokens": "x", "total_tokens": 2**70}},
    {"user_id": "x" * 300, "model": "a\x00b", "created_at": 10**30, "metadata": [1], "input": "text"},
    {"content": [{"type": "text", "text": "x"}], "input": [{"role": "user", "content": [{"text": "y"}]}]},
    {"input": {"input_content": 5, "images": None}, "events": [], "tools": [], "cancellation_stage": "odd"},
    {"step_executor_runs": [5], "references": None, "content_type": None, "session_state": {"a": None}},
]


@pytest.mark.parametrize("odd", ODD_RUNS, ids=lambda odd: json.dumps(odd)[:40])
@pytest.mark.parametrize("kind", ["agent", "team", "workflow"])
def test_whatever_a_run_holds_it_comes_out_equal_and_is_shown(client, project, odd, kind):
    given = {"run_id": "r", f"{kind}_id": "x", **odd}
    session = store(project, given, type_=kind)
    run = session.runs.get()
    assert rows.run_dict(run, run.messages.in_order(), session) == given
    for url in ("/sessions", "/sessions/s", "/sessions/s/runs", "/sessions/s/run-previews", "/sessions/s/runs/r"):
        assert client.get(url).status_code == 200, url


def test_what_has_changed_since_is_shown(client, project):
    session = store(project, RUN)
    services.update_run(run=session.runs.get(), status="ERROR", content="later")
    run = only(client)
    assert (run["status"], run["content"]) == ("ERROR", "later")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"input_content": {"q": "ü"}}, '{\n  "q": "\\u00fc"\n}'),
        ({"input_content": [{"role": "user", "content": "first"}]}, "first"),
        ({"input_content": [1, 2]}, "[1, 2]"),
        ({"input_content": 5}, "5"),
        ({"input_content": ""}, ""),
        ({}, "last words"),
        (None, "last words"),
    ],
)
def test_the_input_as_text(client, project, given, shown):
    messages = [{"role": "user", "content": "words"}, {"role": "user", "content": "last words"}]
    store(project, {**RUN, "input": given, "messages": messages})
    assert only(client)["run_input"] == shown


def test_media_of_the_input(client, project):
    store(project, {**RUN, "input": {"input_content": "x", "images": [{"url": "u"}], "audios": None}})
    media = {"images": [{"url": "u"}], "videos": [], "audios": [], "files": []}
    assert only(client)["input_media"] == media


def test_a_teams_run_of_nobody_is_left_out(client, project):
    runs = [{"run_id": "1", "agent_id": "a"}, {"run_id": "2", "team_id": "t"}, {"run_id": "3"}]
    store(project, *runs, type_="team")
    assert [run["run_id"] for run in client.get("/sessions/s/runs").json()] == ["1", "2"]
    assert client.get("/sessions/s/runs/3").json()["agent_id"] == ""


def test_the_framework_is_named_of_the_sessions_own_runs(client, project):
    runs = [{"run_id": "1"}, {"run_id": "2", "agent_id": "a", "metadata": {"x": 1}}, {"run_id": "3", "agent_id": "b"}]
    store(project, *runs, agent_data={"framework": "f"})
    found = [run.get("metadata") for run in client.get("/sessions/s/runs").json()]
    assert found == [{"sdk": "f"}, {"x": 1, "sdk": "f"}, None]
    assert client.get("/sessions/s").json()["metadata"] == {"sdk": "f"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_after=0", ["1", "2", "3"]),
        ("created_before=0", ["3"]),
        ("created_after=11&created_before=11", ["2", "3"]),
        ("status=completed", ["1", "3"]),
        ("status=Error&status=COMPLETED&limit=1", ["1", "2", "3"]),
    ],
)
def test_filters(client, project, query, expected):
    first, second = {"run_id": "1", "created_at": 10, "status": "COMPLETED"}, {"run_id": "2", "created_at": 11}
    store(project, first, {**second, "status": "ERROR"}, {"run_id": "3"})
    for route in ("runs", "run-previews"):
        assert [run["run_id"] for run in client.get(f"/sessions/s/{route}?{query}").json()] == expected


def test_unknown_statuses_come_before_the_session(client):
    response = client.get("/sessions/nope/runs?status=zzz&status=&status=error")
    assert response.status_code == 400
    assert response.json()["detail"].startswith("Invalid status value(s) ['', 'ZZZ']; expected one of ['CANCELLED', ")


@pytest.mark.parametrize("value", ["x", "9223372036854775808", "-9223372036854775809"])
def test_a_bound_that_is_no_integer_of_64_bits(client, value):
    assert client.get(f"/sessions/nope/runs?created_after={value}").status_code == 422


def test_runs_that_were_written_otherwise(client, project):
    agent = factories.AgentFactory(project=project, agent_id="a")
    session = services.create_session(project=project, session_id="s", agent=agent, user_id="maria")
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho", "from_history": True}]
    factories.RunFactory(session=session, run_id="r", messages=messages, content="Ho", usage={"input_tokens": 3})
    run = only(client)
    assert (run["agent_id"], run["user_id"], run["run_input"], run["content"]) == ("a", "maria", "Hi", "Ho")
    assert run["messages"] == messages
    assert run["metrics"]["total_tokens"] == 3


def test_runs_of_other_agents_than_the_sessions(client, project, django_assert_num_queries):
    own, *others = (factories.AgentFactory(project=project, agent_id=agent_id) for agent_id in ("a", "b", "c"))
    session = services.create_session(project=project, session_id="s", agent=own)
    for number in range(4):
        factories.RunFactory(session=session, agent=others[number % 2], run_id=f"r-{number}", messages=[])
    factories.RunFactory(session=session, agent=None, run_id="r-4", messages=[])
    client.get("/sessions")  # From then on the key is known.
    with django_assert_num_queries(4):
        runs = client.get("/sessions/s/runs").json()
    assert [run["agent_id"] for run in runs] == ["b", "c", "b", "c", "a"]


def test_messages_of_another_format_are_shown_as_chat_messages(client, project):
    session = services.create_session(project=project, session_id="s", agent=None)
    payload = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    message = services.NewMessage(payload, format="openai.responses")
    services.record_run(session=session, run_id="r", messages=[message])
    assert only(client)["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize("route", ["runs", "run-previews", "runs/1"])
def test_the_number_of_queries_does_not_grow(client, project, route, django_assert_max_num_queries):
    session = store(project)
    for number in range(10):
        messages = [{"role": "user", "content": "x"}]
        rows.store_run(session, {"run_id": str(number), "agent_id": f"a-{number}", "messages": messages})
    client.get("/sessions/s")
    with django_assert_max_num_queries(4):
        assert client.get(f"/sessions/s/{route}").status_code == 200
