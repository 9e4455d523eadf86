"""``POST /api/sessions``: what is kept and shown of a body, and what is refused."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.models import Agent, Session, Tag
from tests.dialects.native.sessions import GIVEN, NO_USAGE, URL

COMPUTED = {
    "generated_title": None,
    "parent_session_id": None,
    "message_count": 0,
    "run_count": 0,
    "error_count": 0,
    "last_run_status": "",
    "usage": NO_USAGE,
    "revision": 0,
}
EMPTY = {
    **COMPUTED,
    "type": "agent",
    "agent_id": None,
    "user_id": None,
    "name": None,
    "metadata": None,
    "summary": None,
    "tags": [],
    "index_ids": None,
    "shared_access": "",
    "branched_at": None,
    "state": None,
    "details": None,
}


class TestCreate:
    def test_what_goes_in_comes_out(self, client):
        response = client.post(URL, GIVEN)
        assert response.status_code == 201
        assert response.json() == {**GIVEN, **COMPUTED}
        assert list(response.json()["state"]) == ["z", "a"]
        assert client.get(f"{URL}/support-17").json() == response.json()

    def test_the_list_shows_all_but_what_can_be_large(self, client):
        client.post(URL, GIVEN)
        [row] = client.get(URL).json()["results"]
        expected = {**GIVEN, **COMPUTED}
        assert row == {key: value for key, value in expected.items() if key not in {"state", "details"}}

    @pytest.mark.parametrize("body", [{}, None])
    def test_everything_may_be_left_out(self, client, body):
        response = client.post(URL, body) if body is not None else client.post(URL)
        made = response.json()
        assert response.status_code == 201
        assert str(uuid.UUID(made.pop("session_id")))
        assert made.pop("created_at") == made.pop("updated_at")
        assert made == EMPTY

    def test_nulls_are_as_good_as_nothing(self, client):
        nullable = ["agent_id", "user_id", "name", "state", "metadata", "summary", "index_ids", "details"]
        made = client.post(URL, dict.fromkeys(nullable)).json()
        assert {key: made[key] for key in EMPTY} == EMPTY

    def test_an_empty_text_is_not_null(self, client):
        made = client.post(URL, {"user_id": "", "name": ""}).json()
        assert (made["user_id"], made["name"]) == ("", "")

    def test_the_same_id_is_409(self, client, project):
        client.post(URL, GIVEN)
        response = client.post(URL, {"session_id": "support-17", "agent_id": "brand-new", "name": "other"})
        assert (response.status_code, response.json()) == (409, {"detail": "A session with this id already exists"})
        assert client.get(f"{URL}/support-17").json()["name"] == "Parcel"
        assert not project.agents.filter(agent_id="brand-new").exists()

    def test_ids_differ_by_case_and_spaces(self, client):
        for session_id in ("a", "A", "a ", " a", "\u00e4", "a\u0308"):
            assert client.post(URL, {"session_id": session_id}).status_code == 201
        assert Session.objects.count() == 6

    def test_an_agent_is_made_on_first_mention(self, client):
        model = {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o"}
        client.post(URL, {"type": "team", "agent_id": "t", "agent_name": "Team", "model": model})
        client.post(URL, {"type": "team", "agent_id": "t", "agent_name": "Other"})
        agent = Agent.objects.get()
        assert (agent.type, agent.agent_id, agent.name, agent.model) == ("team", "t", "Team", model)

    def test_nothing_of_a_bad_session_is_kept(self, client):
        body = {"agent_id": "new", "tags": ["new"], "parent_session_id": "unknown"}
        assert client.post(URL, body).status_code == 422
        assert not any(model.objects.exists() for model in (Session, Agent, Tag))

    def test_a_branch(self, client):
        client.post(URL, {"session_id": "parent"})
        client.post(URL, {"session_id": "branch", "parent_session_id": "parent", "branched_at": 5})
        shown = client.get(f"{URL}/branch").json()
        assert (shown["parent_session_id"], shown["branched_at"]) == ("parent", 5)
        client.delete(f"{URL}/parent")
        assert client.get(f"{URL}/branch").json()["parent_session_id"] is None

    def test_tags_are_a_set(self, client):
        assert client.post(URL, {"tags": ["b", "a", "b", "A"]}).json()["tags"] == ["A", "a", "b"]
        assert Tag.objects.count() == 3

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("2025-09-05T18:02:09+02:00", "2025-09-05T16:02:09.000000Z"),
            ("2025-09-05T16:02:09.5", "2025-09-05T16:02:09.500000Z"),
            ("2025-09-05", "2025-09-05T00:00:00.000000Z"),
            (1757088129, "2025-09-05T16:02:09.000000Z"),
            (1757088129.25, "2025-09-05T16:02:09.250000Z"),
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.000000Z"),
        ],
    )
    def test_moments_are_shown_in_utc(self, client, given, shown):
        assert client.post(URL, {"created_at": given}).json()["created_at"] == shown

    @pytest.mark.parametrize(
        ("body", "loc", "type_"),
        [
            ({"session_id": ""}, ["session_id"], "string_too_short"),
            ({"session_id": None}, ["session_id"], "null_not_allowed"),
            ({"session_id": 17}, ["session_id"], "string_type"),
            ({"session_id": "x" * 256}, ["session_id"], "string_too_long"),
            ({"session_id": "a\x7f"}, ["session_id"], "control_character"),
            ({"type": "robot"}, ["type"], "enum"),
            ({"type": None}, ["type"], "null_not_allowed"),
            ({"agent_id": ""}, ["agent_id"], "string_too_short"),
            ({"agent_name": "x"}, ["agent_name"], "value_error"),
            ({"model": {"id": "x"}}, ["model"], "value_error"),
            ({"agent_id": "a", "model": None}, ["model"], "null_not_allowed"),
            ({"user_id": 5}, ["user_id"], "string_type"),
            ({"user_id": True}, ["user_id"], "string_type"),
            ({"user_id": "x" * 256}, ["user_id"], "string_too_long"),
            ({"user_id": "\x00"}, ["user_id"], "null_characters_not_allowed"),
            ({"name": ["x"]}, ["name"], "string_type"),
            ({"metadata": "x"}, ["metadata"], "dict_type"),
            ({"metadata": {"a": {"b": "\ud800"}}}, ["metadata"], "surrogate_character"),
            ({"summary": "x"}, ["summary"], "dict_type"),
            ({"summary": []}, ["summary"], "dict_type"),
            ({"tags": "x"}, ["tags"], "list_type"),
            ({"tags": None}, ["tags"], "null_not_allowed"),
            ({"tags": ["a", ""]}, ["tags", 1], "string_too_short"),
            ({"tags": ["x" * 101]}, ["tags", 0], "string_too_long"),
            ({"tags": [5]}, ["tags", 0], "string_type"),
            ({"tags": ["x"] * 101}, ["tags"], "too_long"),
            ({"index_ids": {}}, ["index_ids"], "list_type"),
            ({"index_ids": [None]}, ["index_ids", 0], "null_not_allowed"),
            ({"shared_access": "all"}, ["shared_access"], "enum"),
            ({"shared_access": None}, ["shared_access"], "null_not_allowed"),
            ({"parent_session_id": "unknown"}, ["parent_session_id"], "value_error"),
            ({"branched_at": -1}, ["branched_at"], "greater_than_equal"),
            ({"branched_at": 2**64}, ["branched_at"], "less_than_equal"),
            ({"branched_at": "3"}, ["branched_at"], "int_type"),
            ({"branched_at": 3.0}, ["branched_at"], "int_type"),
            ({"branched_at": True}, ["branched_at"], "int_type"),
            ({"created_at": "yesterday"}, ["created_at"], "datetime_type"),
            ({"created_at": True}, ["created_at"], "datetime_type"),
            ({"created_at": None}, ["created_at"], "null_not_allowed"),
            ({"created_at": 1e20}, ["created_at"], "datetime_type"),
            ({"updated_at": "0001-01-01T00:00:00+14:00"}, ["updated_at"], "datetime_type"),
            ({"updated_at": "9999-12-31T23:59:59-14:00"}, ["updated_at"], "datetime_type"),
            ({"revision": 1}, ["revision"], "extra_forbidden"),
            ({"message_count": 1}, ["message_count"], "extra_forbidden"),
            ({"": 1}, [""], "extra_forbidden"),
        ],
    )
    def test_a_bad_value_is_422(self, client, body, loc, type_):
        response = client.post(URL, body)
        assert response.status_code == 422
        assert [(error["loc"], error["type"]) for error in response.json()["detail"]] == [(["body", *loc], type_)]
        assert not Session.objects.exists()
