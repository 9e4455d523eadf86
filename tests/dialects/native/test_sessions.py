"""Sessions that are there: changed, deleted, listed."""

from __future__ import annotations

import json

import pytest

from sessions_app.models import Agent, Session
from tests import factories
from tests.dialects.native.sessions import GIVEN, URL


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
