from __future__ import annotations

import json
import uuid

import pytest

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with

NOT_FOUND = {"detail": "Session with id 's' not found"}


@pytest.fixture
def session(client):
    assert client.post("/sessions", {"session_id": "s", "agent_id": "a", "user_id": "maria"}).status_code == 201


@pytest.fixture
def bound(project):
    return client_with(factories.APIKeyFactory(project=project, user_id="otto"))


class TestCreate:
    def test_a_uuid_where_no_id_is_given(self, client):
        assert uuid.UUID(client.post("/sessions", {"session_id": ""}).json()["session_id"]).version == 4

    def test_the_other_types_ids_are_dropped(self, client):
        body = client.post("/sessions?type=team", {"session_id": "s", "agent_id": "a", "team_id": "t"}).json()
        assert body["team_id"] == "t"
        assert "agent_id" not in body

    def test_a_workflow_has_dictionaries_at_least(self, client):
        body = client.post("/sessions?type=workflow", {"session_id": "s"}).json()
        assert (body["session_data"], body["workflow_data"], body["metadata"]) == ({}, {}, {})

    @pytest.mark.parametrize(
        ("metadata", "kept"),
        [({"agno_dispatch_depth": 1}, None), ({"agno_component_version": 1, "a": 2}, {"a": 2}), ({}, {})],
    )
    def test_reserved_metadata_go(self, client, metadata, kept):
        body = client.post("/sessions", {"session_id": "s", "metadata": metadata}).json()
        assert body.get("metadata") == kept

    def test_of_a_bound_key_it_is_its_users(self, bound):
        assert bound.post("/sessions", {"session_id": "s", "user_id": "maria"}).json()["user_id"] == "otto"

    def test_an_id_that_is_taken(self, client, bound, session):
        response = client.post("/sessions?type=team", {"session_id": "s"})
        text = "Session with id 's' already exists. Use PATCH /sessions/s to update it."
        assert (response.status_code, response.json()) == (409, {"detail": text})
        hidden = bound.post("/sessions", {"session_id": "s"})
        assert hidden.status_code == 409
        assert hidden.json()["detail"].startswith("Could not create a session with the supplied session_id.")

    @pytest.mark.parametrize("name", ["session_id", "session_name", "user_id", "agent_id"])
    def test_what_the_store_cannot_keep_is_422(self, client, name):
        response = client.post("/sessions", {name: "a\x00b"})
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["body", name]


class TestChange:
    def test_the_named_fields_alone(self, client, session):
        client.patch("/sessions/s", {"session_state": {"a": 1}, "metadata": {"m": 1}})
        body = client.patch("/sessions/s", {"session_name": "N", "metadata": None}).json()
        assert (body["session_name"], body["session_state"], body["metadata"]) == ("N", {"a": 1}, {"m": 1})
        assert body["total_tokens"] is None

    @pytest.mark.parametrize(
        ("summary", "type_", "loc"),
        [
            ({"text": "x"}, "missing", ["summary"]),
            ({"summary": "x", "more": 1}, "extra_forbidden", ["more"]),
            ({"summary": "x", "updated_at": "yesterday"}, "datetime_parsing", ["updated_at"]),
            ({"summary": 5}, "string_type", ["summary"]),
            ({"summary": "x", "topics": "y"}, "list_type", ["topics"]),
            ([], "dict_type", []),
        ],
    )
    def test_a_summary_of_another_shape_is_422(self, client, session, summary, type_, loc):
        before = list(Session.objects.values())
        response = client.patch("/sessions/s", {"session_name": "x", "summary": summary})
        assert response.status_code == 422
        error = response.json()["detail"][0]
        assert (error["type"], error["loc"]) == (type_, ["body", "summary", *loc])
        assert list(Session.objects.values()) == before

    def test_a_date_is_shown_with_its_time(self, client, session):
        body = client.patch("/sessions/s", {"summary": {"summary": "x", "updated_at": "2025-01-01"}}).json()
        assert body["session_summary"] == {"summary": "x", "updated_at": "2025-01-01T00:00:00"}

    def test_another_type_is_not_found_and_stays(self, client, session):
        before = list(Session.objects.values())
        for response in (
            client.patch("/sessions/s?type=team", {"session_name": "x"}),
            client.post("/sessions/s/rename?type=team", {"session_name": "x"}),
        ):
            assert (response.status_code, response.json()) == (404, {"detail": "Team Session with id 's' not found"})
        assert list(Session.objects.values()) == before

    def test_an_unknown_one_is_not_found_without_its_type(self, client, bound, session):
        assert client.patch("/sessions/x?type=team", {}).json() == {"detail": "Session with id 'x' not found"}
        assert bound.patch("/sessions/s?type=team", {}).json() == NOT_FOUND

    @pytest.mark.parametrize("body", [b"", b"[]", b"5", b'"x"', b"null", b"{}"])
    def test_a_rename_needs_a_name(self, client, session, body):
        response = client.post("/sessions/s/rename", body, content_type="application/json")
        error = {"type": "missing", "loc": ["body", "session_name"], "msg": "Field required", "input": None}
        assert (response.status_code, response.json()) == (422, {"detail": [error]})


class TestDelete:
    def test_it_goes_and_goes_again(self, client, session):
        for _ in range(2):
            response = client.delete("/sessions/s")
            assert (response.status_code, response.content) == (204, b"")
            assert response["Content-Type"] == "application/json"
        assert not Session.objects.exists()

    @pytest.mark.parametrize("url", ["/sessions/s?delete_media=yes", "/sessions/nope?delete_media=TRUE"])
    def test_media_are_kept_elsewhere(self, client, session, url):
        response = client.delete(url)
        assert (response.status_code, response.json()["detail"]) == (503, "Media storage is not configured on AgentOS")
        assert Session.objects.exists()

    def test_many_at_once(self, client, bound, session):
        body = {"session_ids": ["s", "nope", "a\x00"], "session_types": ["team", "agent", "agent"]}
        assert bound.delete("/sessions", body).status_code == 204
        assert client.delete("/sessions?user_id=otto", body).status_code == 204
        assert Session.objects.exists()
        assert client.delete("/sessions", body).status_code == 204
        assert not Session.objects.exists()

    def test_lengths_are_looked_at_before_the_database(self, client):
        body = {"session_ids": ["s"], "session_types": ["team", "agent"]}
        response = client.delete("/sessions?db_id=nope&delete_media=1", body)
        assert response.status_code == 400


BROKEN = [
    (b"{", 1, "Expecting property name enclosed in double quotes"),
    (b'{"a": 1,}', 8, "Illegal trailing comma before end of object"),
    (b'{"session_name": "\xc3\xbc" x}', 21, "Expecting ',' delimiter"),
]


@pytest.mark.parametrize(("body", "position", "message"), BROKEN)
def test_broken_json(client, body, position, message):
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        position, message = error.pos, error.msg  # Python's versions word them differently.
    response = client.post("/sessions", body, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["detail"] == [
        {
            "type": "json_invalid",
            "loc": ["body", position],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": message},
        }
    ]


@pytest.mark.parametrize("url", ["/sessions", "/sessions/s"])
@pytest.mark.parametrize(
    ("body", "content_type", "input_"),
    [
        (b"[]", "application/json", []),
        (b"null", "application/json", None),
        (b'"x"', "application/json", "x"),
        (b"a=b", "application/x-www-form-urlencoded", "a=b"),
        (b'{"a": 1}', "text/plain", '{"a": 1}'),
    ],
)
def test_a_body_that_is_no_object(client, url, body, content_type, input_):
    method = client.post if url == "/sessions" else client.patch
    response = method(url, body, content_type=content_type)
    assert response.status_code == 422
    (error,) = response.json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == ("model_attributes_type", ["body"], input_)


def test_parameters_and_body_are_refused_together(client):
    response = client.post("/sessions?type=x", {"session_id": 5, "metadata": []})
    assert [error["loc"] for error in response.json()["detail"]] == [
        ["query", "type"],
        ["body", "session_id"],
        ["body", "metadata"],
    ]
