from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from sessions_app import services
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import add_url, list_url, page_url, send_form

pytestmark = pytest.mark.django_db

SECRET = "My pin is four-seven-one-one"


@pytest.fixture
def run(project):
    session = services.create_session(project=project, session_id="s-1", name="Old", tags=["b", "a"])
    messages = [{"role": "user", "content": SECRET}, {"role": "assistant", "content": "Noted."}]
    return factories.RunFactory(session=session, run_id="r-1", messages=messages)


def told(row):
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk))
    return [entry.get_change_message() for entry in entries.order_by("pk")]


def test_a_session_tells_old_and_new_values(admin_client, run):
    session = run.session
    other = factories.ProjectFactory(name="Other")
    boxes = {"name": "New", "user_id": "maria", "tag_names": "a\nc", "summary": '"x"', "project": other.pk}
    assert send_form(admin_client, page_url(session), **boxes).status_code == 302
    [text] = told(session)
    assert "Name (“Old” → “New”)" in text
    assert "User id (“” → “maria”)" in text
    assert "Tags (“a, b” → “a, c”)" in text
    assert f"Project (“{session.project}” → “Other”)" in text
    assert "Summary" in text
    assert "“x”" not in text
    page = admin_client.get(page_url(session, "history")).content.decode()
    assert "Name (“Old” → “New”)" in page


def test_a_message_is_told_on_its_session_too(admin_client, run):
    message = run.messages.get(position=0)
    assert send_form(admin_client, page_url(message), new_text="Other words", new_role="system").status_code == 302
    assert told(message) == ["Changed Role (“user” → “system”) and Text."]
    assert told(run.session) == ["Changed Role (“user” → “system”) and Text for message “0 (system)”."]


def test_a_run_is_told_on_its_session_too(admin_client, run):
    assert send_form(admin_client, page_url(run), status="ERROR", error="Long story").status_code == 302
    assert told(run.session) == ["Changed Status (“COMPLETED” → “ERROR”) and Error message for run “r-1”."]


def test_what_is_added_hidden_restored_and_deleted_is_told(admin_client, run):
    boxes = {"session": run.session.pk, "new_role": "user", "new_text": "More"}
    assert send_form(admin_client, add_url("message"), **boxes).status_code == 302
    message = run.messages.get(position=0)
    for page in ("redact", "restore"):
        admin_client.post(page_url(message, page))
    admin_client.post(page_url(run, "redact"))
    admin_client.post(page_url(message, "delete"), {"post": "yes"})
    selected = {"action": "delete_selected", "_selected_action": [run.pk], "post": "yes"}
    admin_client.post(list_url("runmetadata"), selected)
    assert told(run.session) == [
        "Added message “2 (user)”.",
        "Message “0 (user)”: Hidden.",
        "Message “0 (user)”: Restored.",
        "Run “r-1”: Hidden.",
        "Deleted message “0 (user)”.",
        "Deleted run “r-1”.",
    ]
    assert told(run) == ["Hidden.", ""]


def test_no_entry_holds_what_was_said(admin_client, run):
    message = run.messages.get(position=0)
    send_form(admin_client, page_url(message), new_role="developer")
    send_form(admin_client, page_url(run.session), name="")
    admin_client.post(page_url(message, "redact"))
    admin_client.post(page_url(message, "delete"), {"post": "yes"})
    entries = json.dumps(list(LogEntry.objects.values("object_repr", "change_message")))
    assert "pin" not in entries
    assert "four" not in entries


def test_a_name_that_repeats_hidden_words_is_not_told(admin_client, run):
    services.update_session(session=run.session, name=f"About: {SECRET}")
    services.redact_message(message=run.messages.get(position=0))
    send_form(admin_client, page_url(run.session), name="Harmless")
    assert told(run.session) == ["Changed Name."]


def test_long_values_are_cut(admin_client, run):
    send_form(admin_client, page_url(run.session), name="x" * 500)
    assert told(run.session) == [f"Changed Name (“Old” → “{'x' * 80}…”)."]


def test_an_untouched_page_is_not_told_on_the_session(admin_client, run):
    send_form(admin_client, page_url(run))
    assert told(run.session) == []


def test_deleting_many_is_told_in_few_queries(admin_client, project, django_assert_max_num_queries):
    sessions = factories.SessionFactory.create_batch(20, project=project)
    selected = {"action": "delete_selected", "_selected_action": [row.pk for row in sessions], "post": "yes"}
    with django_assert_max_num_queries(40):
        admin_client.post(list_url("session"), selected)
    assert LogEntry.objects.count() == 20
    assert not Session.objects.exists()
