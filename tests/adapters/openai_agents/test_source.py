"""``import_agent_sessions --from openai-agents://...``: sessions out of the SDK's own stores."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError

from sessions_app.models import Message, RunMetadata, Session
from tests.adapters.openai_agents.sdk import DjangoSession, SQLiteSession, in_transaction, said, wait_for

pytestmark = pytest.mark.django_db

HISTORY = [
    *said("Hello \ud800", "Hi"),
    {"role": "user", "content": "Where is it?"},
    {"type": "reasoning", "id": "rs", "summary": []},
    {"type": "function_call", "call_id": "c", "name": "track", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "\x00"},
    {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "In Bern."}]},
    {"of the": "future"},
]
MOMENT = datetime(2025, 1, 31, 12, tzinfo=UTC)


def write(path, sessions):
    for session_id, items in sessions.items():
        with closing(SQLiteSession(session_id, path)) as session:
            wait_for(session.add_items(items))


@pytest.fixture
def path(tmp_path):
    """A store of three sessions, which began an hour one after the other, with a message each minute."""
    path = tmp_path / "history.db"
    write(path, {"b": HISTORY, "a": said("a"), "c": HISTORY[2:]})
    with closing(sqlite3.connect(path)) as database, database:
        for hour, session_id in enumerate("bac"):
            day = f"2025-01-31 {12 + hour}"
            ours = (f"{day}:00:00", f"{day}:59:00", session_id)
            database.execute("UPDATE agent_sessions SET created_at = ?, updated_at = ? WHERE session_id = ?", ours)
            minute = "substr('0' || id, -2)"
            update = f"UPDATE agent_messages SET created_at = ? || ':' || {minute} || ':00' WHERE session_id = ?"
            database.execute(update, (day, session_id))
    return path


@pytest.fixture(params=["{}", "sqlite+aiosqlite:///{}"], ids=["SQLiteSession", "SQLAlchemySession"])
def address(request, path):
    if "://" in request.param:
        pytest.importorskip("aiosqlite", reason="aiosqlite is not installed")
    return "openai-agents://" + request.param.format(path)


@pytest.fixture
def run(project, command):
    return lambda *arguments: command("import_agent_sessions", "--from", *arguments).out


def test_it_brings_every_session(run, address):
    assert run(address).startswith("3 sessions imported (15 messages)")

    for session_id, items in {"b": HISTORY, "a": said("a"), "c": HISTORY[2:]}.items():
        stored = in_transaction(DjangoSession(session_id).get_items())
        assert json.dumps(stored) == json.dumps(items)
    assert list(Session.objects.order_by("pk").values_list("session_id", flat=True)) == ["b", "a", "c"]


def test_times_and_runs_come_too(run, address):
    run(address)

    session = Session.objects.get(session_id="b")
    assert (session.created_at, session.updated_at) == (MOMENT, MOMENT.replace(minute=59))
    messages = list(session.messages.in_order())
    assert [message.created_at.minute for message in messages] == [1, 2, 3, 4, 5, 6, 7, 8]
    runs = list(session.runs.in_order())
    assert [(run.run_id, run.status, run.content, run.messages.count()) for run in runs] == [
        ("run-1", "COMPLETED", "Hi", 2),
        ("run-2", "COMPLETED", "In Bern.", 6),
    ]
    assert (runs[1].created_at.minute, runs[1].updated_at.minute) == (3, 8)
    assert session.title.startswith("Hello")


def test_again_it_brings_nothing_twice(run, address):
    run(address)
    before = list(Message.objects.values_list("pk", flat=True))

    assert run(address) == "0 sessions imported (0 messages), 3 unchanged, 0 differ, 0 skipped.\n"
    assert list(Message.objects.values_list("pk", flat=True)) == before


def test_it_brings_what_came_meanwhile(run, path, address):
    run(address)
    write(path, {"a": said("a", "b")[1:], "d": said("d")})

    assert run(address) == "1 session imported (1 message), 2 unchanged, 1 differ, 0 skipped.\n"
    assert run(address, "--replace").startswith("0 sessions imported (2 messages), 1 replaced, 3 unchanged")
    assert in_transaction(DjangoSession("a").get_items()) == said("a", "b")


def test_a_session_goes_on_after_the_import(run, address):
    run(address)
    in_transaction(DjangoSession("a").add_items(said("a", "b")[1:]))

    assert in_transaction(DjangoSession("a").get_items()) == said("a", "b")
    assert RunMetadata.objects.get(session__session_id="a").content == "b"


def test_rows_that_the_sdk_passes_over_are_passed_over(run, path, address):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE agent_messages SET message_data = 'no JSON' WHERE message_data LIKE '%Hi%'")
    run(address)

    session = Session.objects.get(session_id="b")
    assert in_transaction(DjangoSession("b").get_items()) == [HISTORY[0], *HISTORY[2:]]
    assert {message.created_at for message in session.messages.all()} == {MOMENT}


def test_a_session_that_cannot_be_kept_is_reported_and_others_come(run, path, address, capsys):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE agent_messages SET message_data = '5' WHERE session_id = 'a'")

    with pytest.raises(CommandError, match="The sessions before it were kept"):
        run(address)
    assert "session 'a': messages.0" in capsys.readouterr().err
    assert run(address, "--skip-errors").startswith("1 session imported (6 messages), 1 unchanged, 0 differ, 1 skipped")


def test_it_reads_on_where_it_was_stopped(run, path, monkeypatch):
    get_items, calls, address = SQLiteSession.get_items, [], f"openai-agents://{path}"

    async def break_down(self, limit=None):
        calls.append(self.session_id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return await get_items(self, limit)

    with monkeypatch.context() as patched:
        patched.setattr(SQLiteSession, "get_items", break_down)
        with pytest.raises(KeyboardInterrupt):
            run(address)

    assert Session.objects.get().session_id == "b"
    assert "\n2 sessions imported (7 messages), 1 unchanged" in run(address)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/no/such/file.db", "There is no such file"),
        ("{here}", "There are no sessions of the OpenAI Agents SDK: file is not a database"),
        ("{empty}", "There are no sessions of the OpenAI Agents SDK: no such table: agent_sessions"),
        ("sqlite:///{empty}", "The asyncio extension requires an async driver"),
        ("nonsense://x", "Can't load plugin: sqlalchemy.dialects:nonsense"),
        ("sqlite+aiosqlite:///{empty}", "There are no sessions of the OpenAI Agents SDK: .*no such table"),
    ],
)
def test_it_says_what_is_wrong_with_a_store(run, tmp_path, address, sentence):
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(CommandError, match=f"--from openai-agents://.*: {sentence}"):
        run("openai-agents://" + address.format(here=__file__, empty=empty))


def test_the_store_is_left_as_it_was(run, path, address):
    def content():
        with closing(sqlite3.connect(path)) as database:
            return list(database.iterdump())

    before = content()
    run(address)
    assert content() == before
