from __future__ import annotations

import pytest

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with


def make(client, session_id, **body):
    response = client.post("/v3/sessions", {"session_id": session_id, **body})
    assert response.status_code == 200, response.content
    return response.json()


def test_create_and_get(client, project):
    body = make(client, "t-1", agent_id="a", metadata={"x": 1}, source="playground", extra=1)
    session = Session.objects.get(session_id="t-1")
    assert body == {
        "session_id": "t-1",
        "user_id": "default_user",
        "org_id": str(project.organization_id),
        "agent_id": "a",
        "metadata": {"x": 1},
        "created_at": session.created_at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "updated_at": None,
        "parent_session_id": None,
        "branched_from_message_id": None,
        "root_session_id": None,
        "source": "playground",
    }
    assert client.get("/v3/sessions/t-1").json() == body
    assert client.get("/v1/sessions/t-1").status_code == 200


def test_a_taken_id_is_409(client):
    make(client, "t-1")
    assert client.post("/v3/sessions", {"session_id": "t-1", "agent_id": "new"}).status_code == 409
    assert client.get("/v1/agent/new/sessions").status_code == 404


def test_a_bound_key_makes_its_users(project):
    bound = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
    assert make(bound, "t-1")["user_id"] == "maria"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "session_id"),
        ({"session_id": "x" * 256}, "session_id"),
        ({"session_id": "s", "metadata": 5}, "metadata"),
        ({"session_id": "s", "source": 5}, "source"),
        ({"session_id": "s", "agent_id": ""}, "agent_id"),
    ],
)
def test_a_bad_body_is_422(client, body, name):
    response = client.post("/v3/sessions", body)
    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["body", name])


def test_patch_replaces_metadata(client):
    make(client, "t-1", metadata={"old": 1})
    body = client.patch("/v3/sessions/t-1", {"metadata": {"new": 2}}).json()
    assert body["metadata"] == {"new": 2}
    assert body["updated_at"] is not None
    assert client.patch("/v3/sessions/t-1", {"metadata": None}).json()["metadata"] == {}
    assert client.patch("/v3/sessions/t-1", {}).status_code == 422
    assert client.patch("/v3/sessions/x", {"metadata": {}}).status_code == 404


def test_delete(client):
    make(client, "t-1")
    assert client.delete("/v3/sessions/t-1").json() == {"session_id": "t-1", "deleted": True}
    assert client.get("/v3/sessions/t-1").status_code == 404


class TestList:
    @pytest.fixture(autouse=True)
    def sessions(self, client):
        for n in range(3):
            make(client, f"t-{n}", agent_id=f"a-{n % 2}", source="playground" if n else None)

    def ids(self, client, query):
        body = client.get(f"/v3/sessions?{query}").json()
        return [row["session_id"] for row in body.pop("sessions")], body

    def test_pages(self, client):
        page = {"total": 3, "limit": 2, "offset": 0, "has_more": True}
        assert self.ids(client, "limit=2") == (["t-2", "t-1"], page)
        page = {"total": 3, "limit": 2, "offset": 2, "has_more": False}
        assert self.ids(client, "limit=2&offset=2") == (["t-0"], page)
        assert self.ids(client, "limit=&offset=&agent_id=&source=")[1]["limit"] == 20

    def test_filters(self, client):
        assert self.ids(client, "agent_id=a-0")[0] == ["t-2", "t-0"]
        ids, page = self.ids(client, "source=playground&limit=1&offset=1")
        assert (ids, page["total"], page["has_more"]) == (["t-1"], 2, False)
        assert self.ids(client, "source=playground&agent_id=a-0")[0] == ["t-2"]
        assert self.ids(client, "agent_id=nobody")[0] == []

    def test_a_source_deeper_down_is_none(self, client, project):
        factories.SessionFactory(project=project, details={"run": {"source": "playground"}})
        assert self.ids(client, "source=playground")[1]["total"] == 2

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", f"offset={10**30}"])
    def test_a_bad_page_is_422(self, client, query):
        response = client.get(f"/v3/sessions?{query}")
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", query.split("=")[0]])


class TestMessages:
    @pytest.fixture(autouse=True)
    def session(self, project):
        agent = factories.AgentFactory(project=project, agent_id="a")
        session = factories.SessionFactory(project=project, session_id="t", agent=agent)
        other = factories.AgentFactory(project=project, agent_id="b")
        moment = 1725612841
        told = [("user", "hi"), ("system", "be kind"), ("tool", "42"), ("assistant", "hello")]
        messages = [{"role": role, "content": text, "created_at": moment + n} for n, (role, text) in enumerate(told)]
        factories.RunFactory(session=session, agent=other, messages=messages[:1])
        factories.RunFactory(session=session, messages=messages[1:])
        return session

    def test_they_are_what_people_can_read(self, client, session):
        body = client.get("/v3/sessions/t/messages").json()
        assert body == {
            "messages": [
                {
                    "id": f"{session.pk:012x}{position:012x}",
                    "role": role,
                    "content": text,
                    "agent_id": agent_id,
                    "created_at": f"2024-09-06T08:54:0{second}.000000",
                }
                for position, role, text, agent_id, second in (
                    (0, "user", "hi", "b", 1),
                    (3, "assistant", "hello", "a", 4),
                )
            ],
            "total": 2,
            "limit": 20,
            "offset": 0,
            "has_more": False,
        }

    @pytest.mark.parametrize(
        ("query", "texts"),
        [
            ("role=tool", ["42"]),
            ("role=assistant", ["hello"]),
            ("role=nobody", []),
            ("after=2024-09-06T08:54:01.000000", ["hello"]),
            ("after=2024-09-06T08:54:00Z&limit=1", ["hi"]),
            ("offset=1&after=", ["hello"]),
            ("offset=5", []),
        ],
    )
    def test_filters(self, client, query, texts):
        body = client.get(f"/v3/sessions/t/messages?{query}").json()
        assert [message["content"] for message in body["messages"]] == texts

    def test_a_bad_moment_is_422(self, client):
        response = client.get("/v3/sessions/t/messages?after=soon")
        assert response.json()["detail"][0]["loc"] == ["query", "after"]
