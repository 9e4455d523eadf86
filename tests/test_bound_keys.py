"""What a key may do that is bound to a user."""

from __future__ import annotations

import pytest

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with

URL = "/api/sessions"


class TestAKeyBoundToAUser:
    @pytest.fixture
    def client(self, project):
        return client_with(factories.APIKeyFactory(project=project, user_id="maria"))

    @pytest.fixture
    def sessions(self, project):
        for user_id in ("maria", "otto", None, "", "Maria", "maria "):
            factories.SessionFactory(project=project, session_id=f"of {user_id}", user_id=user_id)

    def test_it_lists_this_users_sessions_only(self, client, sessions):
        assert [row["session_id"] for row in client.get(URL).json()["results"]] == ["of maria"]

    @pytest.mark.parametrize("user_id", ["otto", "Maria", "maria ", ""])
    def test_no_filter_leads_to_other_users(self, client, sessions, user_id):
        response = client.get(URL, {"user_id": user_id})
        assert response.json()["results"] == []

    def test_it_lists_the_agents_that_this_user_met(self, client, sessions):
        agents = client.get("/api/agents").json()["results"]
        assert [agent["agent_id"] for agent in agents] == [Session.objects.get(user_id="maria").agent.agent_id]

    def test_an_agent_is_listed_once_for_many_sessions(self, client, project):
        agent = factories.AgentFactory(project=project)
        factories.SessionFactory.create_batch(3, project=project, agent=agent, user_id="maria")
        assert len(client.get("/api/agents").json()["results"]) == 1

    def test_a_new_session_is_this_users(self, client):
        assert client.post(URL, {"session_id": "new"}).json()["user_id"] == "maria"
        assert client.post(URL, {"user_id": "maria"}).json()["user_id"] == "maria"

    @pytest.mark.parametrize("user_id", ["otto", None, "", "Maria"])
    def test_it_makes_no_session_of_another_user(self, client, user_id):
        response = client.post(URL, {"session_id": "new", "user_id": user_id})
        assert response.status_code == 403
        assert not Session.objects.exists()

    @pytest.mark.parametrize("user_id", ["otto", None])
    def test_it_gives_no_session_away(self, client, sessions, user_id):
        assert client.patch(f"{URL}/of maria", {"user_id": user_id}).status_code == 403

    def test_it_makes_a_session_on_first_mention_for_this_user(self, client):
        response = client.post(f"{URL}/new/messages?create=true", {"role": "user", "content": "hi"})
        assert response.status_code == 201
        assert Session.objects.get().user_id == "maria"
        assert client.post(f"{URL}/x/messages?create=true&user_id=otto", {"role": "user"}).status_code == 403

    def test_a_run_is_this_users(self, client, sessions):
        url = f"{URL}/of maria/runs"
        assert client.post(url, {"run_id": "r"}).json()["user_id"] == "maria"
        assert client.post(url, {"user_id": "otto"}).status_code == 403
        assert client.patch(f"{url}/r", {"user_id": "otto"}).status_code == 403

    def test_changing_a_run_leaves_its_user(self, client, sessions):
        session = Session.objects.get(session_id="of maria")
        factories.RunFactory(session=session, run_id="r", user_id=None)
        response = client.patch(f"{URL}/of maria/runs/r", {"content": "done"})
        assert (response.json()["user_id"], response.json()["content"]) == (None, "done")

    def test_it_deletes_this_users_sessions_only(self, client, sessions):
        response = client.delete(URL, {"session_ids": [session.session_id for session in Session.objects.all()]})
        assert response.json() == {"deleted": 1}
        assert Session.objects.count() == 5

    def test_it_changes_no_agents(self, client, sessions, project):
        agent_id = Session.objects.get(user_id="maria").agent.agent_id
        assert client.post("/api/agents", {"agent_id": "new"}).status_code == 403
        assert client.patch(f"/api/agents/{agent_id}", {"name": "x"}).status_code == 403
        assert client.delete(f"/api/agents/{agent_id}").status_code == 403

    def test_it_branches_from_no_other_users_session(self, client, sessions):
        response = client.post(URL, {"parent_session_id": "of otto"})
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["body", "parent_session_id"]

    def test_a_session_id_of_another_user_is_taken(self, client, sessions):
        assert client.post(URL, {"session_id": "of otto"}).status_code == 409

    def test_another_users_session_on_first_mention_makes_nothing(self, client, sessions, project):
        before = set(project.agents.values_list("agent_id", flat=True))
        url = f"{URL}/of otto/messages?create=true&agent_id=brand-new"
        assert client.post(url, {"role": "user", "content": "hi"}).status_code == 404
        assert client.post(url.replace("messages", "runs"), {}).status_code == 404
        assert set(project.agents.values_list("agent_id", flat=True)) == before


def test_an_empty_user_id_binds_nothing(project):
    factories.SessionFactory(project=project)
    client = client_with(factories.APIKeyFactory(project=project, user_id=""))
    assert len(client.get(URL).json()["results"]) == 1
