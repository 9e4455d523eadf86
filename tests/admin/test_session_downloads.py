from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import documents, services
from sessions_app.admin.sessions import downloads
from sessions_app.models import Session
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.pages import list_url


def fetch(client, action, *sessions):
    data = {"action": action, "_selected_action": [session.pk for session in sessions]}
    response = client.post(list_url("session"), data)
    assert response.status_code == 200
    assert response.streaming
    return response, b"".join(response.streaming_content)


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def session(project):
    session = services.create_session(project=project, session_id='weird / "id" ü', user_id="anna", tags=["vip"])
    messages = [
        NewMessage({"role": "user", "content": "Grüße \ud800"}),
        NewMessage({"role": "assistant", "content": "Hi"}),
    ]
    services.record_run(session=session, run_id="r-1", messages=messages, usage={"total_tokens": 12}, duration_ms=1.5)
    return session


def test_jsonl_is_what_the_import_reads(admin_client, session, project, tmp_path):
    other = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "x"}])
    before = {each.session_id: documents.document_of(each) for each in Session.objects.all()}
    response, content = fetch(admin_client, "export_jsonl", session, other)
    assert response["Content-Disposition"] == 'attachment; filename="sessions.jsonl"'
    assert {each["session_id"]: each for each in map(json.loads, content.splitlines())} == before
    Session.objects.all().delete()
    (tmp_path / "s.jsonl").write_bytes(content)
    call_command("import_agent_sessions", str(tmp_path / "s.jsonl"), "--no-progress", "-v0")
    assert {each.session_id: documents.document_of(each) for each in Session.objects.all()} == before


def test_one_session_is_one_markdown_file(admin_client, session):
    response, content = fetch(admin_client, "export_markdown", session)
    assert response["Content-Disposition"] == 'attachment; filename="weird-id.md"'
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert content.decode().startswith("# Grüße ?\n")
    assert "## Assistant\n\nHi\n" in content.decode()


def test_many_sessions_are_a_zip_of_markdown_files(admin_client, session, project):
    twin = services.create_session(project=project, session_id="weird: id?")
    response, content = fetch(admin_client, "export_markdown", session, twin)
    assert response["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == sorted(f"weird-id-{each.pk}.md" for each in (session, twin))
    assert "Grüße" in archive.read(f"weird-id-{session.pk}.md").decode()


def test_a_long_archive_is_sent_in_pieces(project, monkeypatch):
    monkeypatch.setattr(downloads, "BLOCK", 50)
    sessions = factories.SessionFactory.create_batch(5, project=project, messages=[{"role": "user", "content": "x"}])
    response = downloads.download(
        downloads.markdown_archive([each.pk for each in sessions]), "a.zip", "application/zip"
    )
    pieces = list(response.streaming_content)
    assert len(pieces) > 2
    assert all(pieces)


def test_runs_are_rows_of_a_table(admin_client, session):
    response, content = fetch(admin_client, "export_runs", session)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    [row] = rows_of(content)
    shown = {name: row[name] for name in ("session_id", "user_id", "run_id", "total_tokens", "duration_ms", "is_error")}
    assert shown == {
        "session_id": 'weird / "id" ü',
        "user_id": "anna",
        "run_id": "r-1",
        "total_tokens": "12",
        "duration_ms": "1.5",
        "is_error": "False",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n-1", "=cmd|'/c calc'!A0"])
def test_no_cell_of_a_table_is_a_formula(admin_client, project, text):
    session = services.create_session(project=project, user_id="u")
    factories.RunFactory(session=session, error=text, model_id=text, status="ERROR")
    [row] = rows_of(fetch(admin_client, "export_runs", session)[1])
    assert row["error"].replace("\r\n", "\n") == f"'{text}".replace("\r", "\n") or row["error"] == f"'{text}"
    assert row["model_id"].startswith("'")
    assert row["status"] == "ERROR"


def test_a_session_that_went_meanwhile_is_left_out(project):
    session = factories.SessionFactory(project=project, session_id="there")
    keys = [session.pk, session.pk + 1]
    assert [json.loads(line)["session_id"] for line in b"".join(downloads.jsonl(keys)).splitlines()] == ["there"]
    assert len(list(downloads.runs_csv(keys))) == 2


def test_a_download_leaves_a_trace(admin_client, session):
    fetch(admin_client, "export_jsonl", session)
    fetch(admin_client, "export_markdown", session)
    fetch(admin_client, "export_runs", session)
    assert sorted(LogEntry.objects.values_list("change_message", flat=True)) == [
        "Exported as JSONL.",
        "Exported as Markdown.",
        "Exported the runs as CSV.",
    ]


@pytest.mark.parametrize("action", ["export_jsonl", "export_markdown", "export_runs"])
def test_what_was_hidden_stays_out_of_files(admin_client, project, action):
    session = factories.SessionFactory(project=project)
    said = "The word is secret"
    factories.RunFactory(session=session, messages=[{"role": "user", "content": said}], error=said, status="ERROR")
    assert b"secret" in fetch(admin_client, action, session)[1]
    services.redact_message(message=session.messages.at(0))
    assert b"secret" not in fetch(admin_client, action, session)[1]


def test_nothing_is_read_before_it_is_sent(project):
    sessions = factories.SessionFactory.create_batch(3, project=project)
    with CaptureQueriesContext(connection) as queries:
        downloads.download(downloads.jsonl([each.pk for each in sessions]), "x", "y")
    assert len(queries) == 0
