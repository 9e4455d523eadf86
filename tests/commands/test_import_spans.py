from __future__ import annotations

import gzip
import json

import pytest
from django.core.management import CommandError
from django.test import override_settings

from sessions_app.models import Session, Span
from tests.dialects.otlp.requests import protobuf_of, request_of, span_of
from tests.telemetry.traces import snapshot

FIRST = request_of(span_of(span_id="0a" * 8, gen_ai__usage__input_tokens=7))
SECOND = request_of(span_of(span_id="0b" * 8, gen_ai__usage__input_tokens=5))
BAD = request_of(span_of(span_id="0c" * 8, gen_ai__conversation__id="x" * 300))


@pytest.fixture
def run(project, command, tmp_path):
    """``run(content, *options)`` imports a file with this content; gives what is printed."""

    def run(content, *options):
        path = tmp_path / "spans"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        options = ["--format", "otlp", "--project", str(project.project_id), *options]
        return "".join(command("import_agent_sessions", str(path), *options)).strip()

    return run


def lines(*requests):
    return "\n".join(map(json.dumps, requests))


def test_lines_of_requests_become_sessions(run):
    assert run(lines(FIRST, SECOND)) == "2 spans read. Those that were here already changed nothing."
    session = Session.objects.get()
    assert (session.session_id, session.run_count, session.input_tokens) == ("c-1", 1, 12)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(lines(FIRST).encode()),
        json.dumps(FIRST, indent=2),
        protobuf_of(FIRST),
        gzip.compress(protobuf_of(FIRST)),
    ],
    ids=["packed", "one request over many lines", "protobuf", "packed protobuf"],
)
def test_other_files(run, content):
    run(content)
    assert Session.objects.get().input_tokens == 7


def test_read_again_nothing_changes(run, project):
    run(lines(FIRST, SECOND))
    before = snapshot(project), Session.objects.get().revision
    run(lines(SECOND, FIRST, FIRST))
    assert (snapshot(project), Session.objects.get().revision) == before


@pytest.mark.parametrize("wrong", [lines(BAD), "x", '{"resourceSpans": 5}'])
def test_a_file_with_an_error_is_not_kept_at_all(run, wrong):
    with pytest.raises(CommandError, match=r"spans:2: .*Nothing of .* was kept"):
        run(f"{lines(FIRST)}\n{wrong}")
    assert not Span.objects.exists()


def test_errors_can_be_skipped(run):
    said = run(lines(FIRST, BAD, SECOND), "--skip-errors")
    assert "1 of 1 spans" in said
    assert "2 spans read" in said
    assert Session.objects.get().input_tokens == 12


def test_an_empty_file_is_fine(run):
    assert run("").startswith("0 spans read")


def test_a_file_that_ends_early_is_an_error(run):
    with pytest.raises(CommandError, match="cannot be read"):
        run(gzip.compress(lines(FIRST, SECOND).encode())[:-8])
    assert not Span.objects.exists()


@override_settings(AGENT_SESSIONS={"MAX_BODY_BYTES": 100})
def test_one_request_is_bounded(run):
    with pytest.raises(CommandError, match="larger than 100 bytes"):
        run(json.dumps(FIRST, indent=2))


def test_another_store_has_no_format(project, command):
    with pytest.raises(CommandError, match="--format is for files"):
        command("import_agent_sessions", "--format", "otlp", "--from", "agno://sqlite:///x")
