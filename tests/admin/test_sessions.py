from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session, Tag
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.pages import add_url, bulk, errors_of, page_url, read_form, send_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    return services.create_session(
        project=project,
        session_id="s1",
        name="First\r\nname ",
        state={"b": 1, "a": ["\x00", "\ud800", 10**30, 1.0]},
        metadata={"channel": "web"},
        summary="\ud800",
        tags=["vip", "late"],
    )


def test_saving_an_untouched_form_changes_nothing(admin_client, session):
    before = Session.objects.values().get()
    assert send_form(admin_client, page_url(session)).status_code == 302
    assert Session.objects.values().get() == before


def test_saving_changes_what_was_changed(admin_client, session):
    state = json.dumps({"a": [1], "b": None})
    tags = "vip\r\nnew one"
    response = send_form(
        admin_client, page_url(session), name="Second", user_id=" u ", state=state, metadata="", tag_names=tags
    )
    assert response.status_code == 302
    session.refresh_from_db()
    assert (session.name, session.user_id, session.state, session.metadata) == (
        "Second",
        " u ",
        {"a": [1], "b": None},
        None,
    )
    assert {tag.name for tag in session.tags.all()} == {"vip", "new one"}
    assert {tag.project_id for tag in Tag.objects.all()} == {session.project_id}
    assert session.summary == "\ud800"
    assert session.revision == 2
    assert "Name" in LogEntry.objects.get().get_change_message()


def test_the_order_of_keys_is_a_change(admin_client, session):
    services.update_session(session=session, state={"b": 1, "a": 2})
    send_form(admin_client, page_url(session), state='{"a": 2, "b": 1}')
    session.refresh_from_db()
    assert list(session.state) == ["a", "b"]


def test_an_emptied_name_is_no_name(admin_client, session):
    send_form(admin_client, page_url(session), name="", user_id="")
    session.refresh_from_db()
    assert session.name is None
    assert session.user_id is None


@pytest.mark.parametrize("known", [True, False])
def test_a_session_that_changed_meanwhile_is_not_overwritten(admin_client, session, known):
    form = read_form(admin_client, page_url(session))
    services.update_session(session=session, name="Theirs")
    if not known:
        del form["expected_revision"]
    response = admin_client.post(page_url(session), {**form, "name": "Mine"})
    assert "Somebody else changed this session meanwhile" in str(errors_of(response))
    session.refresh_from_db()
    assert session.name == "Theirs"


def test_identity_and_counts_cannot_be_changed(admin_client, session):
    forged = {"session_id": "x", "type": "team", "message_count": 9, "total_tokens": 9}
    assert send_form(admin_client, page_url(session), **forged).status_code == 302
    after = Session.objects.get()
    assert (after.session_id, after.type, after.message_count, after.total_tokens) == ("s1", "agent", 0, 0)


def test_a_session_is_added_through_the_service(admin_client, project):
    agent = factories.AgentFactory(project=project)
    response = send_form(
        admin_client, add_url("session"), project=project.pk, agent=agent.pk, name="New", state="[1]", tag_names="a\nb"
    )
    assert response.status_code == 302
    session = Session.objects.get()
    assert len(session.session_id) == 36
    assert (session.agent, session.name, session.state) == (agent, "New", [1])
    assert session.tags.count() == 2
    assert LogEntry.objects.get().object_id == str(session.pk)


def test_a_session_id_is_given_once_in_a_project(admin_client, session):
    response = send_form(admin_client, add_url("session"), project=session.project.pk, session_id="s1")
    assert "already exists" in str(errors_of(response))
    other = factories.ProjectFactory()
    assert send_form(admin_client, add_url("session"), project=other.pk, session_id="s1").status_code == 302


def test_another_projects_agent_is_refused(admin_client, project):
    agent = factories.AgentFactory()
    response = send_form(admin_client, add_url("session"), project=project.pk, agent=agent.pk)
    assert "agent" in errors_of(response)


def test_a_tag_must_be_short_and_plain(admin_client, session):
    assert "tag_names" in errors_of(send_form(admin_client, page_url(session), tag_names="x" * 101))
    assert "tag_names" in errors_of(send_form(admin_client, page_url(session), tag_names="a\x07b"))


def test_a_long_session_opens_at_once(admin_client, session):
    rows = [NewMessage({"role": "user", "content": "x"})] * 300
    services.append_messages(session=session, messages=rows)
    admin_client.get(page_url(session))
    with CaptureQueriesContext(connection) as queries:
        response = admin_client.get(page_url(session))
    assert response.status_code == 200
    assert len(queries) < 10
    assert not any("sessions_app_message" in query["sql"] for query in queries)
    assert f"/message/?session={session.pk}" in response.content.decode()


def test_deleting_names_counts_and_takes_all(admin_client, session):
    factories.RunFactory(session=session, messages=[{"role": "user", "content": f"Hello {n}"} for n in range(30)])
    branch = services.create_session(project=session.project, parent=session)
    page = admin_client.get(page_url(session, "delete"))
    assert dict(page.context["model_count"]) == {"sessions": 1, "runs": 1, "messages": 30}
    assert b"Hello" not in page.content.split(b'id="deleted-objects"')[1].replace(b"Hello 0", b"", 1)
    assert admin_client.post(page_url(session, "delete"), {"post": "yes"}).status_code == 302
    assert list(Session.objects.all()) == [branch]
    assert not Message.objects.exists()
    assert not RunMetadata.objects.exists()


def test_many_are_deleted_at_once(admin_client, project, django_assert_max_num_queries):
    sessions = factories.SessionFactory.create_batch(30, project=project, messages=[{"role": "user", "content": "x"}])
    page = bulk(admin_client, "session", sessions[:-1], confirmed=False)
    assert dict(page.context["model_count"]) == {"sessions": 29, "messages": 29}
    assert b"and 9 more" in page.content
    with django_assert_max_num_queries(40):
        assert bulk(admin_client, "session", sessions[:-1]).status_code == 302
    assert list(Session.objects.all()) == sessions[-1:]
    assert Message.objects.count() == 1


def test_too_many_are_not_deleted_at_once(admin_client, project, monkeypatch):
    monkeypatch.setattr("sessions_app.admin.deletion.AT_ONCE", 2)
    sessions = factories.SessionFactory.create_batch(3, project=project)
    assert b"More than 2 at once" in bulk(admin_client, "session", sessions, select_across="1").content
    assert Session.objects.count() == 3
