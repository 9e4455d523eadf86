from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Session
from tests import factories
from tests.admin.pages import errors_of, page_url, read_form, send_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    session = services.create_session(project=project, session_id="s-1", user_id="old", tags=["a"])
    factories.RunFactory(session=session, user_id="old")
    return session


def test_a_session_goes_to_another_user_and_project(admin_client, session):
    target = factories.ProjectFactory()
    boxes = {"user_id": "new", "project": target.pk, "name": "Moved", "tag_names": "a\nb"}
    assert send_form(admin_client, page_url(session), **boxes).status_code == 302
    moved = Session.objects.get()
    assert (moved.user_id, moved.project, moved.name) == ("new", target, "Moved")
    assert moved.runs.get().user_id == "new"
    assert {(tag.name, tag.project_id) for tag in moved.tags.all()} == {("a", target.pk), ("b", target.pk)}


def test_without_the_permission_both_are_only_shown(staff, session):
    clerk = staff("view_session", "change_session", "view_project")
    form = read_form(clerk, page_url(session))
    assert not {"user_id", "project"} & form.keys()
    page = clerk.get(page_url(session)).content.decode()
    assert session.project.name in page
    forged = {**form, "user_id": "new", "project": factories.ProjectFactory().pk, "name": "Mine"}
    assert clerk.post(page_url(session), forged).status_code == 302
    after = Session.objects.get()
    assert (after.user_id, after.project, after.name) == ("old", session.project, "Mine")


def test_with_the_permission_both_are_boxes(staff, session):
    mover = staff("view_session", "change_session", "view_project", "move_session")
    assert {"user_id", "project"} <= read_form(mover, page_url(session)).keys()


def test_a_taken_id_is_refused_at_its_box(admin_client, session):
    target = factories.ProjectFactory()
    services.create_session(project=target, session_id="s-1")
    errors = errors_of(send_form(admin_client, page_url(session), project=target.pk))
    assert "already" in str(errors["project"])


@pytest.mark.parametrize("chosen", ["", "x", "999999", "9" * 40])
def test_a_session_needs_a_project(admin_client, session, chosen):
    assert "project" in errors_of(send_form(admin_client, page_url(session), project=chosen))


def test_an_id_that_is_taken_in_the_last_moment_saves_nothing(admin_client, session, monkeypatch):
    target = factories.ProjectFactory()
    services.create_session(project=target, session_id="s-1")
    monkeypatch.setattr("sessions_app.admin.sessions.forms.SessionChangeForm.clean_project", lambda form: target)
    response = send_form(admin_client, page_url(session), project=target.pk, name="Lost")
    assert response.status_code == 302
    assert "has a session with this id already" in admin_client.get(page_url(session)).content.decode()
    session.refresh_from_db()
    assert (session.name, session.project_id == target.pk) == (None, False)
