from __future__ import annotations

import uuid

import pytest

from sessions_app.models import Agent, APIKey, Message, Project, Session
from tests import factories
from tests.admin.pages import add_url, errors_of, list_url, page_url, send_form
from tests.admin.test_sessions import bulk

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
