from __future__ import annotations

import re

import pytest

from sessions_app.models import Agent, RunMetadata, Session
from tests import factories
from tests.conftest import client_with

HEX = re.compile(r"[0-9a-f]{24}")


@pytest.fixture
def marias(project):
    """A client whose key is bound to maria."""
    return client_with(factories.APIKeyFactory(project=project, user_id="maria"))


def made(response):
    assert response.status_code == 200, response.content
    assert response.json().keys() == {"session_id"}
    return Session.objects.get(session_id=response.json()["session_id"])


class TestCreate:
    @pytest.mark.parametrize("metadata", [{}, {"metadata": None}, {"metadata": {}}])
    def test_the_server_makes_the_id(self, client, metadata):
        session = made(client.post("/v1/sessions/", {"user_id": "u", **metadata}))
        assert HEX.fullmatch(session.session_id)
        assert (session.user_id, session.agent, session.metadata) == ("u", None, {})

    def test_metadata_and_agent_are_kept(self, client):
        session = made(
            client.post("/v1/sessions", {"user_id": "u", "agent_id": "a", "metadata": {"title": "T"}, "x": 1})
        )
        assert (session.agent.agent_id, session.metadata) == ("a", {"title": "T"})

    @pytest.mark.parametrize(
        ("body", "loc"),
        [
            ({}, ["body", "user_id"]),
            ({"user_id": 5}, ["body", "user_id"]),
            ({"user_id": "x" * 256}, ["body", "user_id"]),
            ({"user_id": "u", "metadata": []}, ["body", "metadata"]),
            ({"user_id": "u", "metadata": "x"}, ["body", "metadata"]),
            ({"user_id": "u", "agent_id": "a\n"}, ["body", "agent_id"]),
        ],
    )
    def test_a_bad_body_is_422(self, client, body, loc):
        response = client.post("/v1/sessions/", body)
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, loc)
        assert not Session.objects.exists()
        assert not Agent.objects.exists()

    def test_a_bound_key_makes_sessions_of_its_user(self, marias):
        assert made(marias.post("/v1/sessions/", {"user_id": "otto"})).user_id == "maria"


class TestCreateForAgent:
    def test_the_path_is_the_agent(self, client):
        body = {"user_id": "u", "agent_id": "a 1", "metadata": {"published": True, "app_id": "x", "title": "Hi"}}
        session = made(client.post("/v1/sessions/a 1", body))
        assert (session.agent.agent_id, session.user_id, session.metadata["title"]) == ("a 1", "u", "Hi")

    def test_all_of_the_body_may_be_missing(self, client):
        session = made(client.post("/v1/sessions/a", {}))
        assert (session.user_id, session.metadata) == (None, {})

    @pytest.mark.parametrize("path_id", ["x" * 256, "a%0A"])
    def test_a_bad_id_is_the_agents(self, client, path_id):
        response = client.post(f"/v1/sessions/{path_id}", {})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["path", "agent_id"])


class TestGet:
    @pytest.mark.parametrize("query", ["", "?timeout=30", "?timeout=", "?timeout=x"])
    def test_the_documented_shape(self, client, query):
        session = factories.SessionFactory(session_id="IITZ", user_id="123", project=_project(client))
        body = client.get(f"/v1/sessions/IITZ{query}").json()
        assert body == {
            "active": False,
            "session_id": "IITZ",
            "_id": f"{session.pk:024x}",
            "user_id": "123",
            "created_at": session.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        }

    @pytest.mark.parametrize("status", RunMetadata.Status.values)
    def test_it_is_active_while_its_newest_run_is_not_done(self, client, project, status):
        session = factories.SessionFactory(project=project, session_id="s")
        factories.RunFactory(session=session, status=status)
        assert client.get("/v1/sessions/s").json()["active"] is (status in {"PENDING", "RUNNING"})


class TestUpdate:
    def test_metadata_is_replaced(self, client, project):
        factories.SessionFactory(project=project, session_id="s", user_id="u", metadata={"old": 1})
        body = {"user_id": "u", "agent_id": "a", "session_id": "s", "metadata": {"title": "T"}}
        assert client.put("/v1/sessions/s", body).json() == {"session_id": "s", "metadata": {"title": "T"}}
        assert client.put("/v1/sessions/s", {"user_id": "u", "metadata": None}).json()["metadata"] == {}

    def test_the_user_is_set_once(self, client, project):
        session = factories.SessionFactory(project=project, session_id="s", user_id=None, metadata={"a": 1})
        assert client.put("/v1/sessions/s", {"user_id": "u", "metadata": {"a": 2}}).status_code == 200
        response = client.put("/v1/sessions/s", {"user_id": "other", "metadata": {"a": 3}})
        assert (response.status_code, response.json()) == (409, {"detail": "The session belongs to another user"})
        session.refresh_from_db()
        assert (session.user_id, session.metadata) == ("u", {"a": 2})

    @pytest.mark.parametrize("body", [{"metadata": {}}, {"user_id": "u"}, {"user_id": "u", "metadata": 5}])
    def test_a_bad_body_is_422(self, client, project, body):
        factories.SessionFactory(project=project, session_id="s")
        assert client.put("/v1/sessions/s", body).status_code == 422

    def test_an_unknown_session_is_404(self, client):
        assert client.put("/v1/sessions/s", {"user_id": "u", "metadata": {}}).status_code == 404


def test_delete(client, project):
    factories.SessionFactory(project=project, session_id="s", messages=[{"role": "user", "content": "x"}])
    response = client.delete("/v1/sessions/s")
    assert (response.status_code, response.json()) == (200, {"session_id": "s", "deleted": True})
    assert client.get("/v1/sessions/s").status_code == 404
    assert client.delete("/v1/sessions/s").status_code == 404


def test_a_reading_key_may_not_write(project):
    factories.SessionFactory(project=project, session_id="s")
    reader = client_with(factories.APIKeyFactory(project=project, scope="read"))
    assert reader.post("/v1/sessions/", {"user_id": "u"}).status_code == 403
    assert reader.delete("/v1/sessions/s").status_code == 403


@pytest.mark.parametrize("path", ["v1/sessions/", "v1/sessions/x", "v2/activities", "v3/sessions/x/tree"])
def test_a_plain_options_needs_no_key(anonymous, db, path):
    response = anonymous.options(f"/{path}")
    assert (response.status_code, response.json()) == (200, {})


@pytest.mark.parametrize("slash", ["", "/"])
def test_health_needs_no_key(anonymous, slash):
    body = anonymous.get(f"/health{slash}").json()
    assert body["status"] == "ok"
    assert anonymous.post(f"/health{slash}").status_code == 405


def _project(client):
    return factories.models.Project.objects.get()
