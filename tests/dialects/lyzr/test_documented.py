from __future__ import annotations

from urllib.parse import quote

import pytest

from tests import factories
from tests.conftest import client_with

SUMMARY = "/v1/sessions/12344456734/summary"
SESSIONS = "/v1/agent/123444544354/sessions"


class TestSummary:
    def test_the_documented_example(self, client):
        client.post("/api/sessions", {"session_id": "12344456734"})
        response = client.get(SUMMARY)
        assert (response.status_code, response.json()) == (200, {"summary": {}})

    @pytest.mark.parametrize("summary", [{"summary": "Moved to Tuesday."}, {"topics": ["a"], "n": {"deep": [1, None]}}])
    def test_it_is_the_stored_object(self, client, summary):
        client.post("/api/sessions", {"session_id": "12344456734", "summary": summary})
        assert client.get(SUMMARY).json() == {"summary": summary}

    def test_null_is_an_empty_object(self, client):
        client.post("/api/sessions", {"session_id": "12344456734", "summary": {"a": 1}})
        client.patch("/api/sessions/12344456734", {"summary": None})
        assert client.get(SUMMARY).json() == {"summary": {}}

    def test_an_unknown_session_is_404(self, client):
        response = client.get(SUMMARY)
        assert (response.status_code, response.json()) == (404, {"detail": "Session not found"})


class TestSessionsOfAnAgent:
    def test_the_documented_example(self, client):
        for session_id in ("session_xyz_456", "session_abc_123"):
            client.post("/api/sessions", {"session_id": session_id, "agent_id": "123444544354"})
        response = client.get(SESSIONS)
        assert response.status_code == 200
        assert response.json() == {"sessions": ["session_abc_123", "session_xyz_456"]}

    def test_newest_come_first_though_all_began_at_once(self, client, project):
        agent = factories.AgentFactory(project=project, agent_id="123444544354")
        moment = factories.SessionFactory(project=project).created_at
        for n in range(5):
            factories.SessionFactory(project=project, agent=agent, session_id=str(n), created_at=moment)
        assert client.get(SESSIONS).json() == {"sessions": ["4", "3", "2", "1", "0"]}

    def test_it_lists_all_of_them(self, client, project, django_assert_num_queries):
        agent = factories.AgentFactory(project=project, agent_id="123444544354")
        factories.SessionFactory.create_batch(60, project=project, agent=agent)
        client.get(SESSIONS)
        with django_assert_num_queries(1):
            assert len(client.get(SESSIONS).json()["sessions"]) == 60

    def test_teams_and_workflows_of_this_id_count(self, client):
        for type_ in ("agent", "team", "workflow"):
            client.post("/api/sessions", {"session_id": type_, "type": type_, "agent_id": "123444544354"})
        assert client.get(SESSIONS).json() == {"sessions": ["workflow", "team", "agent"]}

    def test_an_agent_without_sessions_has_an_empty_list(self, client):
        client.post("/api/agents", {"agent_id": "123444544354"})
        assert client.get(SESSIONS).json() == {"sessions": []}

    def test_an_unknown_agent_is_404(self, client):
        response = client.get(SESSIONS)
        assert (response.status_code, response.json()) == (404, {"detail": "Agent not found"})

    def test_a_users_key_lists_this_users(self, client, project):
        for user_id in ("maria", "otto"):
            client.post("/api/sessions", {"session_id": user_id, "agent_id": "123444544354", "user_id": user_id})
        marias = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
        assert marias.get(SESSIONS).json() == {"sessions": ["maria"]}


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("url", "name"), [("/v1/sessions/{}/summary", "session_id"), ("/v1/agent/{}/sessions", "agent_id")]
)
class TestBoth:
    @pytest.mark.parametrize(
        ("path_id", "type_"),
        [
            ("x" * 256, "string_too_long"),
            ("a%00b", "control_character"),
            ("%0A", "control_character"),
            ("%0D%0A", "control_character"),
            ("a%7F", "control_character"),
            ("%C2%85", "control_character"),
        ],
    )
    def test_a_bad_id_is_422(self, client, url, name, slash, path_id, type_):
        response = client.get(url.format(path_id) + slash)
        assert response.status_code == 422
        [error] = response.json()["detail"]
        assert error["loc"] == ["path", name]
        assert error["type"] == type_
        assert error["msg"]

    @pytest.mark.parametrize(
        "path_id", ["x" * 255, "%20", "hh@gmail.com", "a-b_c:d.e", "%25", "\u00e4%F0%9F%98%80", "%FF"]
    )
    def test_any_other_text_is_an_id(self, client, url, name, slash, path_id):
        assert client.get(url.format(path_id) + slash).status_code == 404

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_another_method_is_405(self, client, url, name, slash, method):
        response = getattr(client, method)(url.format("x") + slash)
        assert response.status_code == 405
        assert response.json() == {"detail": f'Method "{method.upper()}" not allowed.'}
        assert response["Allow"] == "GET, HEAD"

    def test_without_a_key_it_is_401(self, anonymous, db, url, name, slash):
        response = anonymous.get(url.format("x") + slash)
        assert response.status_code == 401
        assert isinstance(response.json()["detail"], str)

    def test_parameters_that_clients_always_send_are_ignored(self, client, url, name, slash):
        assert client.get(url.format("x") + slash + "?timeout=30&unix=").status_code == 404


@pytest.mark.parametrize(
    "session_id", ["hh@gmail.com", "with space", "THREAD-1:2", "\u30bb\u30c3\u30b7\u30e7\u30f3", "100%", "a?b#c"]
)
def test_free_text_ids_work(client, session_id):
    client.post("/api/sessions", {"session_id": session_id, "agent_id": session_id, "summary": {"of": session_id}})
    path_id = quote(session_id, safe="@:")
    assert client.get(f"/v1/sessions/{path_id}/summary").json() == {"summary": {"of": session_id}}
    assert client.get(f"/v1/agent/{path_id}/sessions").json() == {"sessions": [session_id]}
