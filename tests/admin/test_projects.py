from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import Agent, APIKey, Message, Project, Session
from tests import factories
from tests.admin.pages import add_url, bulk, errors_of, list_url, page_url, send_form

pytestmark = pytest.mark.django_db


def test_a_project_is_added_with_its_ids_and_keeps_them(admin_client):
    ids = {"project_id": str(uuid.uuid4()), "organization_id": str(uuid.uuid4())}
    assert send_form(admin_client, add_url("project"), name="New", **ids).status_code == 302
    project = Project.objects.get()
    assert {"project_id": str(project.project_id), "organization_id": str(project.organization_id)} == ids
    changes = {"name": "Newer", "project_id": str(uuid.uuid4()), "organization_id": str(uuid.uuid4())}
    assert send_form(admin_client, page_url(project), **changes).status_code == 302
    after = Project.objects.get()
    assert (after.name, after.project_id, after.organization_id) == (
        "Newer",
        project.project_id,
        project.organization_id,
    )


def test_a_wrong_id_is_refused(admin_client):
    assert "project_id" in errors_of(send_form(admin_client, add_url("project"), name="x", project_id="x"))


def test_a_project_is_found_by_its_id(admin_client, project):
    factories.ProjectFactory()
    found = admin_client.get(list_url("project", q=str(project.project_id))).context["cl"].result_list
    assert list(found) == [project]


def test_a_project_leads_to_what_it_has(admin_client, project):
    page = admin_client.get(page_url(project)).content.decode()
    for model in ("session", "agent", "apikey"):
        assert list_url(model, project=project.pk) in page


def test_deleting_a_project_names_counts_and_takes_all_of_it(admin_client, project):
    messages = [{"role": "user", "content": "Hello"}]
    session = factories.SessionFactory(project=project, messages=messages)
    factories.RunFactory(session=session, agent=session.agent, messages=messages)
    factories.APIKeyFactory(project=project)
    kept = factories.SessionFactory(messages=messages)
    page = admin_client.get(page_url(project, "delete"))
    assert dict(page.context["model_count"]) == {
        "projects": 1,
        "sessions": 1,
        "agents": 1,
        "API keys": 1,
        "runs": 1,
        "messages": 2,
    }
    assert bulk(admin_client, "project", [project]).status_code == 302
    assert Project.objects.get() == kept.project
    assert Session.objects.get() == kept
    assert Message.objects.count() == 1
    assert Agent.objects.get() == kept.agent
    assert not APIKey.objects.exists()


def test_a_new_project_leads_on_to_its_first_key(admin_client):
    response = send_form(admin_client, add_url("project"), name="<i>New</i>")
    project = Project.objects.get()
    assert response.url == add_url("apikey") + f"?project={project.pk}"
    page = admin_client.get(response.url)
    assert page.context["adminform"].form["project"].value() == str(project.pk)
    assert b"was added" in page.content
    assert b"<i>New" not in page.content


@pytest.mark.parametrize("button", ["_continue", "_addanother", "_popup"])
def test_other_buttons_of_a_new_project_lead_where_they_say(admin_client, button):
    response = send_form(admin_client, add_url("project"), name="New", **{button: "1"})
    assert "apikey" not in response.headers.get("Location", "")


def test_who_may_make_no_keys_is_not_sent_to_make_one(viewer, project):
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename="add_project"))
    assert send_form(viewer, add_url("project"), name="New").url == list_url("project")
    assert add_url("apikey") not in viewer.get(page_url(project)).content.decode().split('id="nav-sidebar"')[0]


def figures_of(page):
    return {figure["name"]: (figure["number"], figure["url"]) for figure in page.context["totals"]}


def test_the_page_of_a_project_has_totals_that_lead_into_lists(admin_client, project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "Hello"}] * 2)
    factories.RunFactory(session=session, is_error=True, usage={"input_tokens": 1200})
    factories.SessionFactory(messages=[{"role": "user", "content": "Elsewhere"}])
    sessions, agents, keys = (list_url(model, project=project.pk) for model in ("session", "agent", "apikey"))
    assert figures_of(admin_client.get(page_url(project))) == {
        "sessions": ("1", sessions),
        "sessions with errors": ("1", list_url("session", project=project.pk, errors="yes")),
        "runs": ("1", None),
        "messages": ("2", None),
        "tokens": ("1,200", None),
        "agents": ("1", agents),
        "API keys": ("0", keys),
    }


def test_totals_of_a_big_project_are_bounded(admin_client, project, monkeypatch):
    monkeypatch.setattr("sessions_app.admin.project_page.COUNTED", 2)
    factories.SessionFactory.create_batch(4, project=project, messages=[{"role": "user", "content": "x"}])
    figures = figures_of(admin_client.get(page_url(project)))
    assert figures["sessions"][0] == "more than 2"
    assert figures["messages"][0] == "more than 3"


def test_the_page_of_a_project_costs_the_same_whatever_is_in_it(admin_client, project):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(page_url(project)).status_code == 200
        return len(queries)

    cost()
    empty = cost()
    factories.SessionFactory.create_batch(20, project=project, messages=[{"role": "user", "content": "x"}])
    factories.APIKeyFactory.create_batch(15, project=project)
    assert cost() == empty


def test_the_page_of_a_project_has_its_newest_keys_and_a_way_to_make_one(admin_client, project):
    page = admin_client.get(page_url(project)).content.decode()
    assert "this project has no API key" in page
    assert add_url("apikey") + f"?project={project.pk}" in page
    keys = factories.APIKeyFactory.create_batch(12, project=project)
    other = factories.APIKeyFactory()
    page = admin_client.get(page_url(project)).content.decode()
    assert all(page_url(key, pk=key.prefix) in page for key in keys[2:])
    assert not any(page_url(key, pk=key.prefix) in page for key in [*keys[:2], other])
    assert "All API keys of this project" in page
    assert not any(key.hashed_key in page for key in keys)


def test_who_may_not_see_sessions_and_keys_sees_no_figures_of_them(viewer, project):
    factories.APIKeyFactory(project=project, name="Hidden")
    user = User.objects.get(username="viewer")
    user.user_permissions.set(Permission.objects.filter(codename="view_project"))
    page = viewer.get(page_url(project))
    assert page.context["totals"] == []
    assert b"Hidden" not in page.content


def test_the_ids_of_a_project_can_be_copied(admin_client, project):
    page = admin_client.get(page_url(project)).content.decode()
    for id_ in (project.project_id, project.organization_id):
        assert f">{id_}</code>" in page
    assert page.count("data-agent-sessions-copy=") == 2
