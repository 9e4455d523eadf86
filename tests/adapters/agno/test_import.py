"""``import_agent_sessions --from agno://...``: what agno's own databases hold, read through agno's own classes."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from agno.agent import Agent
from agno.db.json import JsonDb
from agno.db.sqlite import SqliteDb
from agno.os import AgentOS
from agno.session import AgentSession, TeamSession, WorkflowSession
from django.core.management import CommandError
from fastapi.testclient import TestClient

from sessions_app.models import Session
from tests.adapters.agno.scripted import agent

KINDS = (AgentSession, TeamSession, WorkflowSession)
NAMES = ("agent", "team", "workflow")


@pytest.fixture
def run(project, command):
    return lambda *arguments: command("import_agent_sessions", *arguments).out


def fill(db, count):
    """Sessions of all kinds with one or two runs each, every tenth named."""
    for number in range(count):
        kind, name = KINDS[number % 3], NAMES[number % 3]
        data = {"session_state": {"n": number, "nothing": None}, "session_metrics": {"total_tokens": 12 * number}}
        named = {"session_name": f"Name {number}"} if number % 10 == 0 else {}
        session = kind(
            session_id=f"session-{number}",
            user_id=f"user-{number % 7}",
            session_data=data | named,
            metadata={"number": number, "words": ["ä", "\U0001f600"]},
            created_at=1_750_000_000 + number,
            **{f"{name}_id": f"{name}-{number % 5}", f"{name}_data": {"name": f"The {name}", "model": {"id": "m"}}},
        )
        db.upsert_session(session)
        for index in range(1 + number % 2):
            db.upsert_run(run_of(name, number, index), session.session_id, user_id=session.user_id, run_index=index)


def run_of(name, number, index):
    asked, said = {"role": "user", "content": f"Question {number}?"}, {"role": "assistant", "content": "Because \x00."}
    tokens = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    return {
        "run_id": f"run-{number}-{index}",
        f"{name}_id": f"{name}-{number % 5}",
        "status": "COMPLETED",
        "input": {"input_content": f"Question {number}?"} if name != "workflow" else f"Question {number}?",
        "content": f"Answer {index}",
        "content_type": "str",
        "metrics": {"steps": {}} if name == "workflow" else tokens,
        "messages": [{**each, "id": f"m-{number}-{index}", "created_at": 1_750_000_000} for each in (asked, said)],
        "created_at": 1_750_000_000 + number,
        **({"step_results": [{"step_name": "one", "content": "x", "success": True}]} if name == "workflow" else {}),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("count", [130, pytest.param(1000, marks=pytest.mark.one_database)])
def test_sessions_come_over_and_are_answered_as_agentos_answers_them(client, run, tmp_path, count):
    path = tmp_path / "agno.db"
    own = SqliteDb(db_file=str(path), id="default")
    fill(own, count)

    assert run("--from", f"agno://{path}").startswith(f"{count} sessions imported (")
    assert run("--from", f"agno://sqlite:///{path}").startswith(f"0 sessions imported (0 messages), {count} unchanged")

    with TestClient(AgentOS(agents=[Agent(db=own)], telemetry=False).get_app()) as agentos:
        for page in range(1, count // 100 + 2):
            compare(agentos, client, f"/sessions?limit=100&page={page}")
        compare(agentos, client, "/sessions?type=team&user_id=user-3&limit=50&sort_by=updated_at&sort_order=asc")
        compare(agentos, client, "/sessions?component_id=workflow-2&type=workflow")
        for number in range(0, count, 37):
            compare(agentos, client, f"/sessions/session-{number}")
            compare(agentos, client, f"/sessions/session-{number}/runs")
            compare(agentos, client, f"/sessions/session-{number}/run-previews")
            compare(agentos, client, f"/sessions/session-{number}/runs/run-{number}-0")
    own.close()


def compare(agentos, client, path):
    """Ours is what AgentOS says, but for the time that its search took."""
    theirs, ours = agentos.get(path), client.get(path)
    assert (theirs.status_code, ours.status_code) == (200, 200), (path, theirs.text, ours.content)
    expected, found = theirs.json(), json.loads(ours.content)
    for answer in (expected, found):
        if isinstance(answer, dict) and "meta" in answer:
            del answer["meta"]["search_time_ms"]
    assert found == expected, path


@pytest.mark.django_db
def test_what_real_runs_wrote_comes_back_equal(run, project, tmp_path):
    from sessions_app.adapters.agno import DjangoDb

    path = tmp_path / "agno.db"
    own = SqliteDb(db_file=str(path))
    for number in range(3):
        agent(own).run("city=Bonn", session_id=f"s{number}", user_id="u")
        agent(own).run("And now?", session_id=f"s{number}", user_id="u")

    run("--from", f"agno://{path}")

    for number in range(3):
        theirs = own.get_session(f"s{number}", deserialize=False)
        ours = DjangoDb(project).get_session(f"s{number}", deserialize=False)
        assert ours == {key: theirs[key] for key in ours}
    own.close()


@pytest.mark.django_db
def test_sessions_of_one_moment_all_come_over(run, tmp_path, monkeypatch):
    path = tmp_path / "agno.db"
    own = SqliteDb(db_file=str(path))
    own.upsert_sessions([AgentSession(session_id=f"s{n}", agent_id="a", created_at=1_750_000_000) for n in range(5)])
    own.close()
    monkeypatch.setattr("sessions_app.adapters.agno.source.PAGE", 2)
    get_sessions = SqliteDb.get_sessions

    def as_postgresql_may_answer(self, *args, page=1, limit=2, sort_by=None, **kwargs):
        """Rows with the same moment in another order on each page."""
        rows, count = get_sessions(self, *args, page=1, limit=100, sort_by=sort_by, **kwargs)
        turned = rows if sort_by == "session_id" or page % 2 else rows[::-1]
        return turned[(page - 1) * limit : page * limit], count

    monkeypatch.setattr(SqliteDb, "get_sessions", as_postgresql_may_answer)

    assert run("--from", f"agno://{path}").startswith("5 sessions imported")


@pytest.mark.django_db
def test_it_brings_what_has_grown_when_told_to(run, tmp_path):
    path = tmp_path / "agno.db"
    own = SqliteDb(db_file=str(path))
    fill(own, 4)
    run("--from", f"agno://{path}")
    own.upsert_run(run_of("agent", 0, 7), "session-0")

    assert ", 3 unchanged, 1 differ," in run("--from", f"agno://{path}")
    assert "1 replaced, 3 unchanged" in run("--from", f"agno://{path}", "--replace")
    assert Session.objects.get(session_id="session-0").run_count == 2
    own.close()


@pytest.mark.django_db
def test_another_table_and_other_kinds_of_database_are_read(run, tmp_path):
    path = tmp_path / "agno.db"
    with closing(SqliteDb(db_file=str(path), session_table="mine")) as own:
        fill(own, 2)
    files = JsonDb(db_path=str(tmp_path / "json"))
    fill(files, 4)

    assert run("--from", f"agno://{path}#mine").startswith("2 sessions imported")
    assert run("--from", f"agno://json://{tmp_path / 'json'}").startswith("2 sessions imported")
    with pytest.raises(CommandError, match="There is no table agno_sessions"):
        run("--from", f"agno://{path}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nothing.db", "There is no file 'nothing.db'"),
        ("sqlite:///nothing.db", "There is no file 'nothing.db'"),
        ("oracle://x", "No database of agno's is known for oracle://"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/x", "Agno cannot read it"),
    ],
)
def test_it_says_what_it_cannot_open(run, address, sentence):
    with pytest.raises(CommandError) as caught:
        run("--from", f"agno://{address}")
    assert sentence in str(caught.value)
