from __future__ import annotations

import pytest

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with


def ids(sessions):
    return [session["session_id"] for session in sessions]


def messages(client, session_id):
    return client.get(f"/v3/sessions/{session_id}/messages").json()["messages"]


def branch(client, session_id, message=0, **body):
    message_id = messages(client, session_id)[message]["id"]
    response = client.post(f"/v3/sessions/{session_id}/branch", {"from_message_id": message_id, **body})
    assert response.status_code == 200, response.content
    return response.json()


@pytest.fixture(autouse=True)
def trunk(project):
    session = factories.SessionFactory(project=project, session_id="trunk", user_id="maria", metadata={"a": 1})
    for n in range(2):
        turn = [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": f"a{n}"}]
        factories.RunFactory(session=session, messages=turn)
    return session


def test_it_shares_the_history_up_to_the_message(client):
    shared = messages(client, "trunk")[1]["id"]
    body = branch(client, "trunk", 1, new_session_id="b", branch_name="Detour", metadata={"b": 2})
    assert body == client.get("/v3/sessions/b").json()
    assert (body["parent_session_id"], body["root_session_id"]) == ("trunk", "trunk")
    assert (body["branched_from_message_id"], body["metadata"], body["user_id"]) == (shared, {"b": 2}, "maria")
    assert [message["content"] for message in messages(client, "b")] == ["q0", "a0"]
    assert [item["content"] for item in client.get("/v1/sessions/b/history").json()["history"]] == ["q0", "a0"]
    assert Session.objects.get(session_id="b").name == "Detour"


def test_the_rest_is_inherited(client):
    body = branch(client, "trunk")
    assert len(body["session_id"]) == 24
    assert body["metadata"] == {"a": 1}


def test_the_family(client, django_assert_max_num_queries):
    branch(client, "trunk", new_session_id="b")
    branch(client, "trunk", new_session_id="c")
    branch(client, "b", new_session_id="d")
    with django_assert_max_num_queries(14):
        for session_id in ("trunk", "b", "c", "d"):
            body = client.get(f"/v3/sessions/{session_id}/tree").json() if session_id == "d" else None
    assert ids(body["nodes"]) == ["trunk", "b", "c", "d"]
    assert (body["root_session_id"], body["truncated"]) == ("trunk", False)
    assert client.get("/v3/sessions/trunk/tree").json() == body
    branches = client.get("/v3/sessions/trunk/branches").json()
    assert (ids(branches["branches"]), branches["total"], branches["has_more"]) == (["b", "c"], 2, False)
    assert client.get("/v3/sessions/c/branches").json() == {"branches": [], "total": 0, "has_more": False}
    assert ids(client.get("/v3/sessions/d/ancestry").json()["ancestry"]) == ["trunk", "b", "d"]
    assert client.get("/v3/sessions/d").json()["root_session_id"] == "trunk"


def test_a_large_tree_is_cut(client, monkeypatch):
    monkeypatch.setattr("sessions_app.dialects.lyzr.threads.MAX_NODES", 3)
    for _ in range(4):
        branch(client, "trunk")
    body = client.get("/v3/sessions/trunk/tree").json()
    assert (len(body["nodes"]), body["truncated"]) == (3, True)


def test_the_parent_may_go(client):
    branch(client, "trunk", 3, new_session_id="b")
    client.delete("/v3/sessions/trunk")
    body = client.get("/v3/sessions/b").json()
    assert (body["parent_session_id"], body["branched_from_message_id"], body["root_session_id"]) == (None, None, None)
    assert len(messages(client, "b")) == 4
    assert ids(client.get("/v3/sessions/b/ancestry").json()["ancestry"]) == ["b"]


def test_a_circle_has_an_end(client, trunk):
    branch(client, "trunk", new_session_id="b")
    Session.objects.filter(pk=trunk.pk).update(parent=Session.objects.get(session_id="b"))
    for path in ("", "/tree", "/ancestry", "/branches"):
        assert client.get(f"/v3/sessions/b{path}").status_code == 200


def test_a_message_of_another_session_is_422(client):
    branch(client, "trunk", new_session_id="b")
    other = messages(client, "b")[0]["id"]
    for message_id in (other, "x", "", "0" * 24, f"{other[:12]}{'f' * 12}", f"{messages(client, 'trunk')[0]['id']}0"):
        response = client.post("/v3/sessions/trunk/branch", {"from_message_id": message_id})
        assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["body", "from_message_id"])


def test_a_taken_id_is_409(client):
    message_id = messages(client, "trunk")[0]["id"]
    body = {"from_message_id": message_id, "new_session_id": "trunk"}
    assert client.post("/v3/sessions/trunk/branch", body).status_code == 409


def test_a_bound_key_sees_its_users_part_of_the_tree(client, project):
    branch(client, "trunk", new_session_id="b")
    Session.objects.filter(session_id="b").update(user_id="otto")
    otto = client_with(factories.APIKeyFactory(project=project, user_id="otto"))
    assert otto.get("/v3/sessions/b").json()["parent_session_id"] is None
    assert ids(otto.get("/v3/sessions/b/tree").json()["nodes"]) == ["b"]
    maria = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
    assert maria.get("/v3/sessions/trunk/branches").json()["branches"] == []
