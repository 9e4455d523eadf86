from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.admin.pages import add_url, bulk, errors_of, page_url, read_form, send_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(project):
    session = factories.SessionFactory(project=project)
    messages = [{"role": "assistant", "content": "x", "usage": {"input_tokens": 5, "output_tokens": 2}}]
    return factories.RunFactory(session=session, run_id="r1", messages=messages, content={"b": 1, "a": "\ud800"})


def test_an_untouched_run_stays_as_it_is(admin_client, run):
    before = RunMetadata.objects.values().get()
    assert send_form(admin_client, page_url(run)).status_code == 302
    assert RunMetadata.objects.values().get() == before


def test_a_changed_status_reaches_the_session(admin_client, run):
    changes = {"status": "ERROR", "error": "Rate\r\nlimit", "content": '"text"', "duration_ms": "12.5"}
    assert send_form(admin_client, page_url(run), **changes, total_tokens=99, run_id="other").status_code == 302
    run.refresh_from_db()
    session = Session.objects.get()
    assert (run.run_id, run.status, run.is_error, run.error, run.content, run.duration_ms, run.total_tokens) == (
        "r1",
        "ERROR",
        True,
        "Rate\nlimit",
        "text",
        12.5,
        7,
    )
    assert (session.last_run_status, session.error_count, session.total_tokens) == ("ERROR", 1, 7)


def test_a_run_is_recorded(admin_client, run):
    boxes = {"session": run.session.pk, "run_id": "r2", "agent": run.session.agent.pk, "status": "RUNNING"}
    assert send_form(admin_client, add_url("runmetadata"), **boxes, input='"Hello"').status_code == 302
    added = RunMetadata.objects.get(run_id="r2")
    session = Session.objects.get()
    assert (added.position, added.input, added.agent) == (1, "Hello", session.agent)
    assert (session.run_count, session.last_run_status) == (2, "RUNNING")


def test_a_run_id_is_given_once_in_a_session(admin_client, run):
    response = send_form(admin_client, add_url("runmetadata"), session=run.session.pk, run_id="r1")
    assert "already exists" in str(errors_of(response))


def test_another_projects_agent_is_refused(admin_client, run):
    boxes = {"session": run.session.pk, "run_id": "r2", "agent": factories.AgentFactory().pk}
    assert "agent" in errors_of(send_form(admin_client, add_url("runmetadata"), **boxes))


@pytest.mark.parametrize(
    ("box", "value"),
    [
        ("duration_ms", "nan"),
        ("duration_ms", "x"),
        ("turns", "-1"),
        ("turns", "9" * 30),
        ("status", "GONE"),
        ("export_config_ids", '{"a": 1}'),
        ("export_config_ids", "[1]"),
        ("export_config_ids", '["\\u0000"]'),
        ("user_id", "x" * 256),
    ],
)
def test_a_wrong_value_is_refused_at_its_box(admin_client, run, box, value):
    assert box in errors_of(send_form(admin_client, page_url(run), **{box: value}))


def test_deleting_takes_messages_and_tokens_back(admin_client, run):
    page = admin_client.get(page_url(run, "delete"))
    assert dict(page.context["model_count"]) == {"runs": 1, "messages": 1}
    assert admin_client.post(page_url(run, "delete"), {"post": "yes"}).status_code == 302
    session = Session.objects.get()
    assert (session.run_count, session.message_count, session.total_tokens) == (0, 0, 0)


def test_selected_runs_are_deleted(admin_client, run):
    second = factories.RunFactory(session=run.session)
    third = factories.RunFactory()
    assert bulk(admin_client, "runmetadata", [run, third]).status_code == 302
    assert list(RunMetadata.objects.all()) == [second]
    assert not Message.objects.exists()
    assert Session.objects.get(pk=run.session.pk).run_count == 1


def test_a_run_that_changed_meanwhile_is_not_overwritten(admin_client, run):
    form = read_form(admin_client, page_url(run))
    services.update_run(run=run, status="ERROR")
    errors = errors_of(admin_client.post(page_url(run), {**form, "content": '"Mine"'}))
    assert "Somebody else changed this meanwhile" in str(errors)
    run.refresh_from_db()
    assert (run.status, run.content) == ("ERROR", {"b": 1, "a": "\ud800"})


def test_a_run_that_went_meanwhile_says_so(admin_client, run, monkeypatch):
    form = read_form(admin_client, page_url(run))
    gone = lambda row: type(row).objects.filter(pk=row.pk).delete()  # noqa: E731
    monkeypatch.setattr("sessions_app.admin.forms.rollups.lock_session_of", gone)
    assert "deleted this meanwhile" in str(errors_of(admin_client.post(page_url(run), {**form, "content": '"x"'})))
