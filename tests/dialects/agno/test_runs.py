from __future__ import annotations

import json

import pytest
from django.db import connection

from sessions_app import services
from sessions_app.dialects.agno import runs
from sessions_app.mappings.agno.runs import run_dict, store_run
from tests import factories
from tests.dialects.agno.samples import RUN, only, store

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
    {"cancellation_stage": ["odd"]},
    {"agent_id": ["x"], "team_id": {"y": 1}, "workflow_id": [], "agent_name": 5},
    {"step_executor_runs": [5], "references": None, "content_type": None, "session_state": {"a": None}},
]


@pytest.mark.parametrize("odd", ODD_RUNS, ids=lambda odd: json.dumps(odd)[:40])
@pytest.mark.parametrize("kind", ["agent", "team", "workflow"])
def test_whatever_a_run_holds_it_comes_out_equal_and_is_shown(client, project, odd, kind):
    given = {"run_id": "r", f"{kind}_id": "x", **odd}
    session = store(project, given, type_=kind)
    run = session.runs.get()
    assert run_dict(run, run.messages.in_order(), session) == given
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
    with django_assert_num_queries(2 if connection.vendor == "postgresql" else 4):
        runs = client.get("/sessions/s/runs").json()
    assert [run["agent_id"] for run in runs] == ["b", "c", "b", "c", "a"]


def test_messages_of_another_format_are_shown_as_chat_messages(client, project):
    session = services.create_session(project=project, session_id="s", agent=None)
    payload = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}
    message = services.NewMessage(payload, format="openai.responses")
    services.record_run(session=session, run_id="r", messages=[message])
    assert only(client)["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    "query", ["", "?status=COMPLETED", "?created_after=0", "?status=COMPLETED&created_before=9999999999"]
)
def test_each_run_has_its_own_messages(client, project, query):
    session = services.create_session(project=project, session_id="s", agent=None)
    chat = [
        {"role": "user", "content": 'a\x1e["b\u00e4\ud83d'},
        {"role": "assistant", "content": None, "x": [2**70, 1e-07]},
    ]
    other = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "c"}]}
    given = [
        services.NewMessage(chat[0]),
        services.NewMessage(other, format="openai.responses"),
        services.NewMessage(chat[1]),
    ]
    services.append_messages(session=session, messages=[services.NewMessage({"role": "user", "content": "of no run"})])
    services.record_run(session=session, run_id="1", messages=given)
    services.record_run(session=session, run_id="none", messages=[])
    services.record_run(session=session, run_id="helper's", parent_run_id="1", messages=given[1:])
    odd = "a\x1d\x1e\x1fb"
    services.record_run(session=session, run_id="failed", status="ERROR", messages=given[:1], content=odd, model_id=odd)
    shown = [chat[0], {"role": "user", "content": "c"}, chat[1]]
    expected = {"1": shown, "none": None, "helper's": shown[1:], "failed": shown[:1]}
    if "status" in query:
        del expected["failed"]
    found = client.get(f"/sessions/s/runs{query}").json()
    assert {run["run_id"]: run.get("messages") for run in found} == expected
    for run in found:
        assert (client.get(f"/sessions/s/runs/{run['run_id']}").json()["messages"] or None) == expected[run["run_id"]]


def test_the_keys_of_a_run_are_in_the_order_of_its_shape(client, project):
    run = {"tools": [], "citations": {"raw": 1}, "forked_from_run_id": "f", "unknown": 1, "session_state": {"a": 1}}
    store(
        project, {"events": [{"event": "e"}], "followups": ["?"], "run_id": "r", **run, "cancellation_stage": "PAUSED"}
    )
    keys = list(only(client))
    shape = [key for key in runs._UNKNOWN["agent"] if key in keys]
    assert keys == shape
    assert {"cancellation_stage", "citations", "events", "session_state", "followups", "forked_from_run_id"} <= {*keys}
    assert keys[:2] == ["run_id", "agent_id"]
    assert "tools" not in keys
    assert "unknown" not in keys


@pytest.mark.parametrize(
    ("created_at", "shown"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (951868799, "2000-02-29T23:59:59Z"),
        (1757088129, "2025-09-05T16:02:09Z"),
        (1757088129.9, "2025-09-05T16:02:09Z"),
        (1.9999999, "1970-01-01T00:00:02Z"),
        (253402300799, "9999-12-31T23:59:59Z"),
        (253402300800, None),
        (-62135596800, "0001-01-01T00:00:00Z"),
        (-62135596801, None),
        (2**70, None),
        (1e300, None),
        (True, None),
        ("yesterday", "yesterday"),
        ([1], None),
        (None, None),
    ],
)
def test_moments(client, project, created_at, shown):
    store(project, {**RUN, "created_at": created_at})
    assert only(client).get("created_at") == shown


@pytest.mark.parametrize("route", ["runs", "run-previews", "runs/1"])
def test_the_number_of_queries_does_not_grow(client, project, route, django_assert_max_num_queries):
    session = store(project)
    for number in range(10):
        messages = [{"role": "user", "content": "x"}]
        store_run(session, {"run_id": str(number), "agent_id": f"a-{number}", "messages": messages})
    client.get("/sessions/s")
    with django_assert_max_num_queries(4):
        assert client.get(f"/sessions/s/{route}").status_code == 200
