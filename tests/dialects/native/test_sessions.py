from __future__ import annotations

import json
import uuid

import pytest

from sessions_app.models import Agent, Session, Tag
from tests import factories

URL = "/api/sessions"
GIVEN = {
    "session_id": "support-17",
    "type": "agent",
    "agent_id": "support",
    "user_id": "maria",
    "name": "Parcel",
    "metadata": {"channel": "web", "n": [1, 2.5, None, True, {"\u00e4": "\u30bb"}]},
    "summary": {"summary": "A parcel.", "\x00": "\ud83d"},
    "tags": ["parcel", "vip"],
    "index_ids": ["idx-1"],
    "shared_access": "query",
    "branched_at": 3,
    "created_at": "2025-09-05T16:02:09.000001Z",
    "updated_at": "2025-09-06T16:02:09.000000Z",
    "state": {"z": 1, "a": [2**70, -0.5, "\x00\ude00"]},
    "details": ["anything", {"at": None}],
}
NO_USAGE = dict.fromkeys(
    [
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "audio_input_tokens",
        "audio_output_tokens",
        "audio_total_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    ],
    0,
)
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


class TestUpdate:
    @pytest.fixture(autouse=True)
    def before(self, client):
        client.post(URL, GIVEN)
        return client.get(f"{URL}/support-17").json()

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "New"},
            {"name": None},
            {"agent_id": "other"},
            {"agent_id": None},
            {"user_id": "otto"},
            {"user_id": None},
            {"state": {"other": 1}},
            {"state": None},
            {"state": 0},
            {"metadata": {}},
            {"metadata": None},
            {"summary": None},
            {"tags": []},
            {"tags": ["new"]},
            {"index_ids": None},
            {"index_ids": []},
            {"shared_access": ""},
            {"details": None},
            {"name": "New", "tags": ["x"], "state": [1]},
        ],
        ids=json.dumps,
    )
    def test_it_changes_the_given_fields_only(self, client, before, change):
        response = client.patch(f"{URL}/support-17", change)
        after = dict(response.json())
        assert response.status_code == 200
        assert after.pop("updated_at") > before.pop("updated_at")
        assert after == {**before, **change, "revision": before["revision"] + 1}

    def test_its_moment_may_be_said(self, client):
        after = client.patch(f"{URL}/support-17", {"updated_at": 0}).json()
        assert (after["created_at"], after["updated_at"]) == (GIVEN["created_at"], "1970-01-01T00:00:00.000000Z")

    @pytest.mark.parametrize(
        "name", ["session_id", "type", "agent_name", "model", "parent_session_id", "branched_at", "created_at", "x"]
    )
    def test_the_rest_is_fixed(self, client, before, name):
        response = client.patch(f"{URL}/support-17", {name: GIVEN.get(name, "x"), "name": "changed"})
        assert response.status_code == 422
        assert response.json()["detail"][0]["loc"] == ["body", name]
        assert client.get(f"{URL}/support-17").json() == before

    def test_of_two_that_read_the_same_one_wins(self, client, before, project):
        first = client.patch(f"{URL}/support-17", {"name": "first", "revision": before["revision"]})
        second = client.patch(
            f"{URL}/support-17", {"name": "second", "agent_id": "brand-new", "revision": before["revision"]}
        )
        assert (first.status_code, second.status_code) == (200, 409)
        assert second.json() == {"detail": "The session has changed since it was read"}
        assert client.get(f"{URL}/support-17").json() == first.json()
        assert not project.agents.filter(agent_id="brand-new").exists()

    def test_a_message_is_a_change_too(self, client, before):
        client.post(f"{URL}/support-17/messages", {"role": "user", "content": "hi"})
        response = client.patch(f"{URL}/support-17", {"name": "x", "revision": before["revision"]})
        assert response.status_code == 409

    @pytest.mark.parametrize("revision", ["0", -1, None, 1.0, True])
    def test_a_bad_revision_is_422(self, client, revision):
        response = client.patch(f"{URL}/support-17", {"revision": revision})
        assert [error["loc"] for error in response.json()["detail"]] == [["body", "revision"]]

    def test_an_unknown_session_is_404(self, client):
        assert client.patch(f"{URL}/unknown", {"name": "x"}).json() == {"detail": "Session not found"}


class TestDelete:
    def test_all_of_it_goes(self, client, store):
        response = client.delete(f"{URL}/s-1")
        assert (response.status_code, response.content) == (204, b"")
        assert client.get(f"{URL}/s-1").status_code == 404
        assert client.get(f"{URL}/s-1/messages").status_code == 404
        assert client.delete(f"{URL}/s-1").status_code == 404
        assert Agent.objects.exists()

    def test_several_at_once(self, client, project):
        factories.SessionFactory.create_batch(3, project=project)
        ids = list(Session.objects.values_list("session_id", flat=True))
        response = client.delete(URL, {"session_ids": [*ids[:2], ids[0], "unknown"]})
        assert (response.status_code, response.json()) == (200, {"deleted": 2})
        assert Session.objects.get().session_id == ids[2]

    def test_thousands_at_once(self, client, project):
        Session.objects.bulk_create([Session(project=project, session_id=f"{n:0250}") for n in range(1200)])
        response = client.delete(URL, {"session_ids": [f"{n:0250}" for n in range(10_000)]})
        assert response.json() == {"deleted": 1200}

    @pytest.mark.parametrize(
        ("body", "loc"),
        [
            ({}, ["session_ids"]),
            ({"session_ids": []}, ["session_ids"]),
            ({"session_ids": None}, ["session_ids"]),
            ({"session_ids": "s-1"}, ["session_ids"]),
            ({"session_ids": ["s-1", 5]}, ["session_ids", 1]),
            ({"session_ids": ["x"] * 10_001}, ["session_ids"]),
            ({"session_ids": ["s-1"], "all": True}, ["all"]),
            ([], []),
        ],
        ids=lambda value: json.dumps(value)[:30],
    )
    def test_a_bad_list_deletes_nothing(self, client, store, body, loc):
        response = client.delete(URL, body)
        assert response.status_code == 422
        assert [error["loc"] for error in response.json()["detail"]] == [["body", *loc]]
        assert Session.objects.exists()

    def test_without_a_body_it_deletes_nothing(self, client, store):
        assert client.delete(URL).status_code == 422
        assert Session.objects.exists()


def test_the_number_of_queries_does_not_grow(client, project, django_assert_num_queries):
    parent = factories.SessionFactory(project=project)
    for count in (1, 30):
        for session in factories.SessionFactory.create_batch(count, project=project, parent=parent):
            session.tags.add(factories.TagFactory(project=project))
            factories.RunFactory(session=session, messages=[{"role": "user", "content": "x"}])
        client.get(URL)
        with django_assert_num_queries(2):
            client.get(URL)


def test_a_list_leaves_what_is_large_in_the_database(client, project, django_assert_num_queries):
    parent = factories.SessionFactory(project=project, state={"large": "parent"})
    factories.SessionFactory(project=project, parent=parent, state={"large": "own"})
    client.get(URL)
    with django_assert_num_queries(2) as captured:
        client.get(URL)
    [select] = [query["sql"] for query in captured if "message_count" in query["sql"]]
    assert not any(
        f"{name}" in select for name in ('"state"', "`state`", '"details"', "`details`", '"opening"', "`opening`")
    )
