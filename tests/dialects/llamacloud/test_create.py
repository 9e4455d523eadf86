from __future__ import annotations

import re

import pytest
from django.test import override_settings

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with

URL = "/api/v1/chat"


@pytest.mark.parametrize("body", [{}, {"index_ids": None, "shared_access": None}, {"a_new_name": 1}])
def test_a_session_of_nothing(client, body):
    response = client.post(URL, body)
    made = response.json()
    assert response.status_code == 200
    assert re.fullmatch(r"ses-[0-9a-f]{24}", made["session_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", made["last_updated_at"])
    unset = {"shared_access": "read_only", "generated_title": None, "index_ids": None, "job_metadata": None}
    assert {name: made[name] for name in unset} == unset
    assert client.get(f"{URL}/{made['session_id']}").json() == {**made, "events": []}


def test_an_empty_body_will_do(client):
    assert client.post(URL).status_code == 200


def test_what_is_given_is_kept(client):
    made = client.post(URL, {"index_ids": ["b", "a"], "shared_access": "query"}).json()
    assert (made["index_ids"], made["shared_access"]) == (["b", "a"], "query")


def test_each_post_makes_another(client):
    assert client.post(URL, {}).json()["session_id"] != client.post(URL, {}).json()["session_id"]


def test_the_sites_default_is_followed_later_too(client):
    made = client.post(URL, {}).json()
    with override_settings(AGENT_SESSIONS={"DEFAULT_SHARED_ACCESS": "query"}):
        assert client.get(f"{URL}/{made['session_id']}/summary").json()["shared_access"] == "query"


def test_ten_indexes_are_fine(client):
    assert client.post(URL, {"index_ids": [f"idx-{n}" for n in range(10)]}).status_code == 200


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"index_ids": [f"idx-{n}" for n in range(11)]}, ["body", "index_ids"]),
        ({"index_ids": "idx-1"}, ["body", "index_ids"]),
        ({"index_ids": ["idx-1", 5]}, ["body", "index_ids", 1]),
        ({"shared_access": "write"}, ["body", "shared_access"]),
        ({"shared_access": ""}, ["body", "shared_access"]),
    ],
)
def test_what_is_wrong_is_422(client, body, loc):
    response = client.post(URL, body)
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [loc]
    assert not Session.objects.exists()


def test_a_users_key_makes_this_users_session(project):
    marias = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
    session = Session.objects.get(session_id=marias.post(URL, {}).json()["session_id"])
    assert session.user_id == "maria"


def test_a_reading_key_makes_none(project):
    reader = client_with(factories.APIKeyFactory(project=project, scope="read"))
    response = reader.post(URL, {})
    assert (response.status_code, response.json()) == (403, {"detail": "This API key may only read"})


@pytest.mark.parametrize("headers", [{"HTTP_ACCEPT": "*/*"}, {"HTTP_ACCEPT": "text/html"}])
@pytest.mark.parametrize("body", [b"", b"not json"])
def test_delete_takes_no_body_and_gives_none(client, headers, body):
    """Python's SDK names JSON as the type of a body that it does not send."""
    url = f"{URL}/{client.post(URL, {}).json()['session_id']}"
    response = client.delete(url, body, content_type="application/json", **headers)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(url).status_code == client.delete(url).status_code == 404
