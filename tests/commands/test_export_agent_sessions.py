from __future__ import annotations

import gzip
import json
import tracemalloc
from functools import partial
from itertools import chain

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import documents, services
from sessions_app.documents import streaming
from sessions_app.models import Session
from tests import factories

NASTY = {"role": "user", "content": "a\x00b \ud800 日本\u2028", "n": 2**70, "f": 1.0}


@pytest.fixture
def sessions(project):
    """Three sessions, the last a branch of the second; only the second is tagged."""
    agent = factories.AgentFactory(project=project, agent_id="helper")
    first = factories.SessionFactory(project=project, session_id="first", agent=agent, messages=[NASTY])
    second = services.create_session(
        project=project, session_id="second", type="team", user_id="u2", tags=["x", "y"], updated_at="2024-01-01T00:00Z"
    )
    third = services.create_session(project=project, session_id="third", parent=second, user_id="u2")
    factories.RunFactory(session=third, messages=[NASTY, NASTY])
    factories.SessionFactory(session_id="of another project")
    return [first, second, third]


@pytest.fixture
def run(project, command):
    return partial(command, "export_agent_sessions")


def ids(text):
    return [json.loads(line)["session_id"] for line in text.split("\n") if line]


def test_it_writes_one_document_a_line(sessions, run):
    output = run()

    written = [json.loads(line) for line in output.out.split("\n")[:-1]]
    assert written == [documents.document_of(session) for session in sessions]
    assert output.err == "3 sessions exported.\n"


def test_another_project_imports_it_equal(sessions, run, command, tmp_path):
    path, again = tmp_path / "sessions.jsonl", tmp_path / "again.jsonl"
    other = str(factories.ProjectFactory().project_id)
    run("--output", str(path))

    command("import_agent_sessions", str(path), "--project", other)
    run("--output", str(again), "--project", other)

    assert again.read_bytes() == path.read_bytes()
    assert path.read_bytes().count(b"\n") == 3


def test_it_packs(sessions, run, tmp_path):
    path = tmp_path / "sessions.jsonl.gz"
    run("--output", str(path))

    assert gzip.decompress(path.read_bytes()).decode() == run().out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--agent", "helper"], ["first"]),
        (["--agent", "none"], []),
        (["--user", "u2"], ["second", "third"]),
        (["--type", "team"], ["second"]),
        (["--tag", "x"], ["second"]),
        (["--session", "third", "--session", "first"], ["first", "third"]),
        (["--since", "2024-01-01T00:00:01"], ["first", "third"]),
        (["--until", "2024-01-01"], ["second"]),
        (["--since", "2024-01-01T00:00:00Z", "--until", "2024-01-01T00:00:00Z"], ["second"]),
        (["--user", "u2", "--type", "agent"], ["third"]),
    ],
)
def test_it_chooses(sessions, run, options, expected):
    assert ids(run(*options).out) == expected


def test_it_exports_the_named_project(sessions, run):
    other = Session.objects.get(session_id="of another project").project

    assert ids(run("--project", str(other.project_id)).out) == ["of another project"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--project", "x"], "--project must be a UUID"),
        (["--since", "yesterday"], "--since must be a moment"),
        (["--until", "2024-13-01"], "--until must be a moment"),
        (["--session", "fourth"], "No such session.*fourth"),
        (["--session", "of another project"], "No such session"),
        (["--output", "/nowhere/at/all.jsonl"], "cannot be written"),
    ],
)
def test_it_refuses(sessions, run, options, message):
    with pytest.raises(CommandError, match=message):
        run(*options)


def test_a_broken_export_leaves_the_last_whole_one(sessions, run, tmp_path, monkeypatch):
    path = tmp_path / "sessions.jsonl"
    run("--output", str(path))
    before = path.read_bytes()

    def break_down(sessions):
        yield ["{"]
        raise RuntimeError("The machine stops")

    monkeypatch.setattr(documents, "texts", break_down)
    with pytest.raises(RuntimeError):
        run("--output", str(path))

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_it_leaves_out_a_session_deleted_meanwhile(sessions, run, monkeypatch):
    genuine = documents.texts

    def delete_first(chosen):
        found = genuine(chosen)
        text = next(found)
        Session.objects.filter(session_id="first").delete()
        return chain([text], found)

    monkeypatch.setattr(streaming, "PORTION", 1)  # Each by itself, as long sessions are.
    monkeypatch.setattr(documents, "texts", delete_first)

    output = run()
    assert ids(output.out) == ["second", "third"]
    assert output.err == "2 sessions exported.\n"


def test_it_does_not_hold_a_long_session_in_memory(project, run, tmp_path, settings):
    settings.DEBUG = False  # Else Django keeps the text of every query.
    size, number = 2_000, 4_000
    messages = [services.NewMessage({"role": "user", "content": "x" * size}) for _ in range(number)]
    services.append_messages(session=factories.SessionFactory(project=project), messages=messages)
    del messages
    path = tmp_path / "long.jsonl"

    tracemalloc.start()
    run("--output", str(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size > size * number
    assert peak < size * number / 2


def test_the_portions_are_nothing_that_a_reader_sees(sessions, run, monkeypatch):
    whole = run().out
    for portion, rows in ((1, 1000), (2, 1000), (200, 1), (200, 2)):
        monkeypatch.setattr(streaming, "PORTION", portion)
        monkeypatch.setattr(streaming, "PORTION_ROWS", rows)
        assert run().out == whole


def test_more_short_sessions_are_no_more_queries(project, run):
    def queries_with_30_more():
        for _ in range(30):
            session = factories.SessionFactory(project=project, messages=[NASTY])
            factories.RunFactory(session=session, messages=[NASTY, NASTY])
        with CaptureQueriesContext(connection) as captured:
            run()
        return len(captured)

    of_30 = queries_with_30_more()
    of_60 = queries_with_30_more()
    assert of_30 == of_60


def test_a_portion_ends_with_its_rows(project, run, monkeypatch):
    monkeypatch.setattr(streaming, "PORTION_ROWS", 10)
    for _ in range(6):
        factories.SessionFactory(project=project, messages=[NASTY] * 4)
    factories.SessionFactory(project=project, messages=[NASTY] * 25)
    portions = []
    genuine = streaming._together
    monkeypatch.setattr(
        streaming, "_together", lambda using, found: portions.append(len(found)) or genuine(using, found)
    )

    assert len(ids(run().out)) == 7
    assert portions == [2, 2, 2]  # The seventh is long: it goes out in pieces.


def test_it_writes_what_a_session_had_when_it_was_read(project, run, monkeypatch):
    first, second = (factories.SessionFactory(project=project, messages=[NASTY]) for _ in range(2))
    genuine = streaming._together

    def meanwhile(using, found):
        for session in (first, second):
            factories.RunFactory(session=session, messages=[NASTY])
        return genuine(using, found)

    monkeypatch.setattr(streaming, "_together", meanwhile)

    written = [json.loads(line) for line in run().out.split("\n")[:-1]]
    assert [("runs" in document, len(document["messages"])) for document in written] == [(False, 1)] * 2
