from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import Agent, Session, Tag
from tests import factories
from tests.admin.pages import add_url, bulk, errors_of, list_url, page_url, send_form

pytestmark = pytest.mark.django_db


def test_an_agent_is_added_and_changed(admin_client, project):
    boxes = {"project": project.pk, "agent_id": "a1", "type": "team", "metadata": ""}
    assert send_form(admin_client, add_url("agent"), **boxes).status_code == 302
    agent = Agent.objects.get()
    assert (agent.agent_id, agent.type, agent.metadata) == ("a1", "team", {})
    changes = {"name": "Bot", "metadata": '{"a": 1}', "agent_id": "other", "type": "agent"}
    assert send_form(admin_client, page_url(agent), **changes).status_code == 302
    agent.refresh_from_db()
    assert (agent.name, agent.metadata, agent.agent_id, agent.type) == ("Bot", {"a": 1}, "a1", "team")


def test_an_agent_exists_once(admin_client, project):
    agent = factories.AgentFactory(project=project)
    boxes = {"project": project.pk, "agent_id": agent.agent_id}
    assert "already exists" in str(errors_of(send_form(admin_client, add_url("agent"), **boxes)))


def test_an_agent_leads_to_its_sessions_and_runs(admin_client, project):
    agent = factories.AgentFactory(project=project)
    page = admin_client.get(page_url(agent)).content.decode()
    assert list_url("session", agent=agent.pk) in page
    assert list_url("runmetadata", agent=agent.pk) in page


def test_an_agent_in_use_is_kept_with_one_sentence(admin_client, project):
    agent = factories.AgentFactory(project=project)
    factories.SessionFactory.create_batch(30, project=project, agent=agent)
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.post(page_url(agent, "delete"), {"post": "yes"})
    assert b"Delete these first" in page.content
    assert b"session-" not in page.content
    assert len(queries) < 12
    assert b"Delete these first" in bulk(admin_client, "agent", [agent]).content
    assert Agent.objects.get() == agent


def test_unused_agents_are_deleted(admin_client, project):
    first, second, third = factories.AgentFactory.create_batch(3, project=project)
    assert admin_client.post(page_url(first, "delete"), {"post": "yes"}).status_code == 302
    assert bulk(admin_client, "agent", [second]).status_code == 302
    assert Agent.objects.get() == third


def test_a_tag_stays_in_its_project_and_leaves_its_sessions(admin_client, project):
    assert send_form(admin_client, add_url("tag"), project=project.pk, name="vip").status_code == 302
    tag = Tag.objects.get()
    session = factories.SessionFactory(project=project)
    session.tags.add(tag)
    assert send_form(admin_client, page_url(tag), name="VIP", project=factories.ProjectFactory().pk).status_code == 302
    tag.refresh_from_db()
    assert (tag.name, tag.project) == ("VIP", project)
    assert admin_client.post(page_url(tag, "delete"), {"post": "yes"}).status_code == 302
    assert Session.objects.get() == session


@pytest.mark.parametrize("name", ["", "x" * 101, "a\x07b", "a\x00b"])
def test_a_wrong_tag_is_refused(admin_client, project, name):
    assert "name" in errors_of(send_form(admin_client, add_url("tag"), project=project.pk, name=name))
