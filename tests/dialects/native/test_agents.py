from __future__ import annotations

import pytest

from sessions_app.models import Agent
from tests import factories

URL = "/api/agents"
AGENT = {
    "agent_id": "support",
    "type": "agent",
    "name": "Support",
    "model": {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o"},
    "metadata": {"team": {"size": 3}},
}


def shown(response):
    body = dict(response.json())
    assert body.pop("created_at").endswith("Z")
    return body


def test_it_makes_and_shows_an_agent(client):
    made = client.post(URL, AGENT)
    assert (made.status_code, shown(made)) == (201, AGENT)
    assert client.get(f"{URL}/support").json() == made.json()
    assert client.get(URL).json() == {"next": None, "previous": None, "results": [made.json()]}


def test_an_id_is_all_it_needs(client):
    made = client.post(URL, {"agent_id": "support"})
    assert shown(made) == {"agent_id": "support", "type": "agent", "name": "", "model": {}, "metadata": {}}


@pytest.mark.parametrize(
    ("body", "loc", "type_"),
    [
        ({}, ["agent_id"], "missing"),
        ({"agent_id": None}, ["agent_id"], "null_not_allowed"),
        ({"agent_id": ""}, ["agent_id"], "string_too_short"),
        ({"agent_id": 5}, ["agent_id"], "string_type"),
        ({"agent_id": "x" * 256}, ["agent_id"], "string_too_long"),
        ({"agent_id": "a\nb"}, ["agent_id"], "control_character"),
        ({"agent_id": "a", "type": "robot"}, ["type"], "enum"),
        ({"agent_id": "a", "name": 5}, ["name"], "string_type"),
        ({"agent_id": "a", "name": "x" * 256}, ["name"], "string_too_long"),
        ({"agent_id": "a", "model": "gpt-4o"}, ["model"], "value_error"),
        ({"agent_id": "a", "model": {"vendor": "x"}}, ["model", "vendor"], "extra_forbidden"),
        ({"agent_id": "a", "model": {"id": 4}}, ["model", "id"], "string_type"),
        ({"agent_id": "a", "metadata": []}, ["metadata"], "dict_type"),
        ({"agent_id": "a", "metadata": {"a": "\x00"}}, ["metadata"], "null_character"),
        ({"agent_id": "a", "created_at": "2025-01-01"}, ["created_at"], "extra_forbidden"),
        ({"agent_id": "a", "naem": "x"}, ["naem"], "extra_forbidden"),
    ],
)
def test_a_bad_agent_is_422(client, body, loc, type_):
    response = client.post(URL, body)
    assert response.status_code == 422
    assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [(["body", *loc], type_)]
    assert not Agent.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client):
    response = client.post(URL, {"agent_id": "", "type": "x", "nmae": 1, "model": {"id": 5, "nmae": 1}})
    locations = {tuple(error["loc"]) for error in response.json()["detail"]}
    assert locations == {
        ("body", "agent_id"),
        ("body", "type"),
        ("body", "nmae"),
        ("body", "model", "id"),
        ("body", "model", "nmae"),
    }


def test_the_same_id_and_type_is_409(client):
    client.post(URL, AGENT)
    response = client.post(URL, {"agent_id": "support"})
    assert response.status_code == 409
    assert response.json() == {"detail": "An agent with this type and id already exists"}
    assert client.post(URL, {"agent_id": "support", "type": "team"}).status_code == 201
    assert client.post(URL, {"agent_id": "Support"}).status_code == 201


def test_where_several_share_an_id_the_type_says_which(client):
    for type_ in ("agent", "team"):
        client.post(URL, {"agent_id": "support", "type": type_})
    response = client.get(f"{URL}/support")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "type"]
    assert client.get(f"{URL}/support?type=team").json()["type"] == "team"
    assert client.delete(f"{URL}/support?type=team").status_code == 204
    assert client.get(f"{URL}/support").json()["type"] == "agent"
    assert client.get(f"{URL}/support?type=robot").status_code == 422


class TestPatch:
    @pytest.fixture(autouse=True)
    def agent(self, client):
        client.post(URL, AGENT)

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({}, {}),
            ({"name": "Help"}, {"name": "Help"}),
            ({"name": ""}, {"name": ""}),
            ({"metadata": {}}, {"metadata": {}}),
            ({"model": {"id": "gpt-5"}}, {"model": {**AGENT["model"], "id": "gpt-5"}}),
            ({"model": {"id": ""}}, {"model": {"provider": "OpenAI", "name": "OpenAIChat"}}),
            ({"model": {}}, {}),
        ],
    )
    def test_it_changes_the_given_fields_only(self, client, change, expected):
        response = client.patch(f"{URL}/support", change)
        assert (response.status_code, shown(response)) == (200, {**AGENT, **expected})
        assert client.get(f"{URL}/support").json() == response.json()

    @pytest.mark.parametrize("name", ["agent_id", "type", "created_at", "nmae"])
    def test_the_rest_is_fixed(self, client, name):
        response = client.patch(f"{URL}/support", {name: "team", "name": "changed"})
        assert response.status_code == 422
        assert shown(client.get(f"{URL}/support")) == AGENT


def test_it_deletes_an_agent_that_nobody_uses(client):
    client.post(URL, AGENT)
    response = client.delete(f"{URL}/support")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"{URL}/support").status_code == 404


def test_it_keeps_an_agent_that_is_used(client):
    client.post("/api/sessions", {"session_id": "s", "agent_id": "support"})
    assert client.delete(f"{URL}/support").status_code == 409
    client.patch("/api/sessions/s", {"agent_id": None})
    assert client.delete(f"{URL}/support").status_code == 204


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_unknown_agent_is_404(client, method):
    response = getattr(client, method)(f"{URL}/unknown")
    assert (response.status_code, response.json()) == (404, {"detail": "Agent not found"})


def test_the_list_takes_one_type(client, project):
    for type_ in ("agent", "team", "workflow"):
        factories.AgentFactory(project=project, agent_id=type_, type=type_)
    assert [row["agent_id"] for row in client.get(URL).json()["results"]] == ["agent", "team", "workflow"]
    assert [row["agent_id"] for row in client.get(f"{URL}?type=team").json()["results"]] == ["team"]


def test_the_number_of_queries_does_not_grow(client, project, django_assert_num_queries):
    for count in (1, 30):
        factories.AgentFactory.create_batch(count, project=project)
        client.get(URL)
        with django_assert_num_queries(1):
            client.get(URL)
