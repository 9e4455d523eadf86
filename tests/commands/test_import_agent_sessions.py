from __future__ import annotations

import gzip
import io
import json
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError

from sessions_app import documents
from sessions_app.management.commands import import_agent_sessions
from sessions_app.models import Message, Project, Session
from tests import factories

AIRLINE = Path(__file__).parents[3] / "shared" / "data" / "airline.jsonl"
GOOD = {"session_id": "one", "messages": [{"role": "user", "content": "Hello"}]}
GOOD_TOO = {"session_id": "two", "messages": [{"role": "user", "content": "Grüße"}] * 2}
BAD = {"session_id": "three", "messages": [{"role": "user", "content": "x"}, {"content": "x"}]}


def lines(*documents):
    return b"".join(
        (document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()) + b"\n"
        for document in documents
    )


@pytest.fixture
def file(tmp_path):
    """Writes documents (or raw lines) to a file and gives its name."""

    def write(*documents, name="sessions.jsonl"):
        path = tmp_path / name
        path.write_bytes(lines(*documents))
        return str(path)

    return write


@pytest.fixture
def run(project, command):
    return partial(command, "import_agent_sessions")


def test_it_imports_a_file_once(file, run, project):
    name = file(GOOD, b"", b"  ", GOOD_TOO)

    assert run(name) == ("2 sessions imported (3 messages), 0 unchanged, 0 differ, 0 skipped.\n", "")
    assert run(name) == ("0 sessions imported (0 messages), 2 unchanged, 0 differ, 0 skipped.\n", "")
    assert [session.project for session in Session.objects.all()] == [project] * 2
    assert Message.objects.filter(text="Grüße").count() == 2


def test_it_adds_several_files_up(file, run):
    names = file(GOOD), file(GOOD_TOO, GOOD, name="more.jsonl")

    assert run(*names).out == "2 sessions imported (3 messages), 1 unchanged, 0 differ, 0 skipped.\n"


@pytest.mark.skipif(not AIRLINE.exists(), reason=f"{AIRLINE.name} is not beside the repository")
def test_it_imports_the_airline_conversations(run):
    first, second = run(str(AIRLINE)), run(str(AIRLINE))

    assert first == ("100 sessions imported (2642 messages), 0 unchanged, 0 differ, 0 skipped.\n", "")
    assert second == ("0 sessions imported (0 messages), 100 unchanged, 0 differ, 0 skipped.\n", "")
    assert (Session.objects.count(), Message.objects.count()) == (100, 2642)


def test_it_reads_packed_files(run, tmp_path):
    path = tmp_path / "sessions.jsonl.gz"
    path.write_bytes(gzip.compress(lines(GOOD)))

    assert run(str(path)).out.startswith("1 session imported (1 message),")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_it_reads_standard_input(run, monkeypatch, pack):
    content = io.BufferedReader(io.BytesIO(pack(lines(GOOD))))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))

    assert run("-").out.startswith("1 session imported")


def test_it_reads_past_a_byte_order_mark(file, run):
    name = file(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())

    assert run(name).out.startswith("1 session imported")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (lines(BAD).strip(), "messages.1.role: Field required"),
        (b'{"session_id": "x", "sesion": 1}', "sesion: Unknown key"),
        (b'{"session_id": "x", "a\\u001b[0m": 1}', "'a\\x1b[0m': Unknown key"),
        (b'{"session_id": "x"', "Not JSON: Expecting ',' delimiter: line 1 column 19 (char 18)"),
        (b'{"session_id": NaN}', "Not JSON: NaN is not JSON"),
        (b'{"session_id": "\xff"}', "Not UTF-8: invalid start byte at byte 17 of the line"),
        (b"[1]", "Must be an object"),
        (b"[" * 100_000, "Nested too deeply"),
        (b"\xef\xbb\xbf{}", "Not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"),
    ],
)
def test_it_says_in_which_line_what_is_wrong(file, run, capsys, line, message):
    name = file(GOOD, b"", line, GOOD_TOO)

    with pytest.raises(CommandError, match=r"Nothing of .* was kept"):
        run(name)

    output = capsys.readouterr()
    assert output.err == f"{name}:3: {message}\n"
    assert output.out == "0 sessions imported (0 messages), 0 unchanged, 0 differ, 0 skipped.\n"
    assert not Session.objects.exists()


def test_it_keeps_the_files_before_a_bad_one(file, run, capsys):
    names = file(GOOD), file(GOOD_TOO, BAD, name="bad.jsonl"), file({"session_id": "x"}, name="after.jsonl")

    with pytest.raises(CommandError):
        run(*names)

    assert capsys.readouterr().out == "1 session imported (1 message), 0 unchanged, 0 differ, 0 skipped.\n"
    assert Session.objects.get().session_id == "one"


def test_it_skips_bad_lines_when_asked(file, run):
    name = file(BAD, GOOD, b"{", GOOD_TOO)

    output = run(name, "--skip-errors")

    assert output.out == "2 sessions imported (3 messages), 0 unchanged, 0 differ, 2 skipped.\n"
    assert [line.split(": ")[0] for line in output.err.splitlines()] == [f"{name}:1", f"{name}:3"]
    assert set(Session.objects.values_list("session_id", flat=True)) == {"one", "two"}


@pytest.mark.parametrize("portion", [1, 2, 400])
def test_the_portions_are_nothing_that_a_reader_sees(file, run, monkeypatch, portion):
    monkeypatch.setattr(import_agent_sessions, "PORTION", portion)
    name = file(GOOD, b"{", GOOD_TOO, {**GOOD, "name": "New"}, BAD, {"session_id": "last"}, GOOD)

    output = run(name, "--skip-errors")

    assert output.out == "3 sessions imported (3 messages), 1 unchanged, 1 differ, 2 skipped.\n"
    assert [line.split()[0] for line in output.err.splitlines()] == [f"{name}:{number}:" for number in (2, 4, 5)]
    assert list(Session.objects.order_by("pk").values_list("session_id", flat=True)) == ["one", "two", "last"]


def test_a_portion_ends_with_its_bytes(file, run, monkeypatch):
    monkeypatch.setattr(import_agent_sessions, "PORTION_BYTES", 250)
    portions, genuine = [], documents.write_portion

    def counting(project, portion, **options):
        portions.append(len(portion))
        return genuine(project, portion, **options)

    monkeypatch.setattr(documents, "write_portion", counting)
    large = {"session_id": "large", "messages": [{"role": "user", "content": "x" * 1000}]}

    run(file(GOOD, large, *({"session_id": f"small {number}", "name": "x" * 80} for number in range(5))))

    assert portions == [2, 3, 2]


def test_it_leaves_other_content_as_it_is_unless_told_to_replace_it(file, run):
    run(file(GOOD))
    name = file({**GOOD, "name": "New"}, name="new.jsonl")

    output = run(name)

    assert output.out == "0 sessions imported (0 messages), 0 unchanged, 1 differ, 0 skipped.\n"
    assert output.err == (
        f'{name}:1: session "one" differs from the stored one, which was left as it is; --replace overwrites it.\n'
    )
    assert Session.objects.get().name is None
    output = run(name, "--replace")
    assert output == ("0 sessions imported (1 message), 1 replaced, 0 unchanged, 0 differ, 0 skipped.\n", "")
    assert Session.objects.get().name == "New"


def test_it_imports_into_the_named_project(file, run):
    other = factories.ProjectFactory()

    run(file(GOOD), "--project", str(other.project_id))

    assert Session.objects.get().project == other


def test_it_makes_a_project_when_there_is_none(file, command):
    command("import_agent_sessions", file(GOOD))

    assert Session.objects.get().project == Project.objects.get()


@pytest.mark.parametrize("project_id", ["x", "", "00000000-0000-0000-0000-000000000000"])
def test_it_refuses_unknown_projects(file, run, project_id):
    with pytest.raises(CommandError, match="project"):
        run(file(GOOD), "--project", project_id)


def test_it_says_that_a_file_is_not_there(run, tmp_path):
    with pytest.raises(CommandError, match=r"cannot be read: .*No such file"):
        run(str(tmp_path / "none.jsonl"))
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(tmp_path))


@pytest.mark.parametrize(("options", "kept"), [([], 0), (["--skip-errors"], 1)])
def test_it_says_that_a_packed_file_is_torn(run, capsys, tmp_path, options, kept):
    path = tmp_path / "torn.gz"
    packed = gzip.compress(lines(GOOD)) + gzip.compress(lines(GOOD_TOO))
    path.write_bytes(packed[:-8])

    with pytest.raises(CommandError, match="cannot be read"):
        run(str(path), *options)

    assert Session.objects.filter(session_id="one").count() == kept
    assert capsys.readouterr().out.startswith(f"{Session.objects.count()} session")


def test_it_is_silent_when_told_so(file, run):
    assert run(file(GOOD), "--verbosity", "0") == ("", "")
