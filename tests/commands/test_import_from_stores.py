"""``--from SCHEME://ADDRESS``: what holds for every store, shown with one that lives in a list."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial

import pytest
from django.core.management import CommandError

from sessions_app import sources
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Session

STORE = []
HELLO = {"role": "user", "content": "Hello"}


@contextmanager
def open_list(address):
    """The store ``list://memory``."""
    if address != "memory":
        raise InvalidValue("There is only memory")
    yield [(document["session_id"], document) for document in STORE]


@contextmanager
def open_broken(address):
    def sessions():
        yield "one", {"session_id": "one"}
        raise RuntimeError("the store went away")

    yield type("Broken", (), {"__len__": lambda self: 2, "__iter__": lambda self: sessions()})()


@pytest.fixture(autouse=True)
def schemes(monkeypatch):
    paths = {"list": f"{__name__}.open_list", "broken": f"{__name__}.open_broken", "absent": "no_such_package.opener"}
    monkeypatch.setattr(sources, "_PATHS", paths)
    monkeypatch.setitem(globals(), "STORE", [{"session_id": f"s{n}", "messages": [HELLO]} for n in range(3)])


@pytest.fixture
def run(project, command):
    return partial(command, "import_agent_sessions")


def test_it_imports_a_store_once(run, project):
    assert run("--from", "list://memory").out == "3 sessions imported (3 messages), 0 unchanged, 0 differ, 0 skipped.\n"
    again = run("--from", "list://memory").out
    assert again == "0 sessions imported (0 messages), 3 unchanged, 0 differ, 0 skipped.\n"
    assert set(Session.objects.values_list("project", flat=True)) == {project.pk}


def test_an_interrupted_import_goes_on(run, capsys):
    with pytest.raises(RuntimeError):
        run("--from", "broken://")
    assert capsys.readouterr().out.startswith("1 session imported")
    assert Session.objects.filter(session_id="one").exists()
    STORE.append({"session_id": "one"})
    assert run("--from", "list://memory").out.startswith("3 sessions imported (3 messages), 1 unchanged")


def test_it_stops_at_a_session_that_cannot_be_kept_and_keeps_those_before(run, capsys):
    STORE[1]["nonsense"] = 1

    with pytest.raises(CommandError, match="The sessions before it were kept"):
        run("--from", "list://memory")

    assert capsys.readouterr().err == "session 's1': nonsense: Unknown key\n"
    assert list(Session.objects.values_list("session_id", flat=True)) == ["s0"]


def test_it_goes_on_behind_it_when_asked(run):
    STORE[1]["nonsense"] = 1

    output = run("--from", "list://memory", "--skip-errors")

    assert output.out == "2 sessions imported (2 messages), 0 unchanged, 0 differ, 1 skipped.\n"
    assert output.err == "session 's1': nonsense: Unknown key\n"


def test_it_brings_what_has_grown_since_when_asked(run):
    run("--from", "list://memory")
    STORE[0]["messages"] = [HELLO, HELLO]

    assert "1 differ" in run("--from", "list://memory").out
    assert "1 replaced, 2 unchanged" in run("--from", "list://memory", "--replace").out
    assert Session.objects.get(session_id="s0").message_count == 2


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("list://elsewhere", "--from list://elsewhere: There is only memory"),
        ("list://x://me:secret@host/a", "--from list://x://me:***@host/a: There is only memory"),
        ("nowhere://x", "--from nowhere://x: Must begin with one of: absent://, broken://, list://"),
        ("list", "--from list: Must begin with one of: absent://, broken://, list://"),
        ("absent://x", "--from absent://x needs a package that is not installed: No module named 'no_such_package'"),
    ],
)
def test_it_says_what_is_wrong_with_an_address(run, url, sentence):
    with pytest.raises(CommandError) as caught:
        run("--from", url)

    assert str(caught.value) == sentence


@pytest.mark.parametrize("arguments", [(), ("file.jsonl", "--from", "list://memory")])
def test_it_wants_either_files_or_a_store(run, arguments):
    with pytest.raises(CommandError, match="Name either files or"):
        run(*arguments)
