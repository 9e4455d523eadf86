from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with

URL = "/api/v1/chat"
MOMENT = datetime(2026, 4, 22, 12, 34, 41, 342245, tzinfo=UTC)


def make(project, count, **fields):
    for n in range(count):
        factories.SessionFactory(
            project=project, session_id=f"s{n:03}", **{"updated_at": MOMENT + timedelta(seconds=n), **fields}
        )


def ids(response):
    assert response.status_code == 200
    return [item["session_id"] for item in response.json()["items"]]


def pages(client, query):
    token = ""
    while token is not None:
        response = client.get(f"{URL}?{query}&page_token={token}")
        yield ids(response)
        token = response.json()["next_page_token"]


def test_nothing_is_an_empty_last_page(client):
    response = client.get(URL)
    assert (response.status_code, response.json()) == (200, {"items": [], "next_page_token": None})


def test_last_changed_comes_first(client, project):
    make(project, 3)
    assert ids(client.get(URL)) == ["s002", "s001", "s000"]
    client.post("/api/v1/chat/s000/messages/stream", {"index_ids": [], "prompt": "x"})
    assert ids(client.get(URL)) == ["s000", "s002", "s001"]


def test_an_item_is_a_summary(client, project):
    make(project, 1)
    factories.RunFactory(session=Session.objects.get(), messages=[{"role": "user", "content": "Hello"}])
    [item] = client.get(URL).json()["items"]
    assert item == client.get(f"{URL}/s000/summary").json()


@pytest.mark.parametrize("fields", [{}, {"updated_at": MOMENT}], ids=["moments", "one moment"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 100])
def test_pages_have_each_once_and_none_is_empty(client, project, size, fields):
    make(project, 6, **fields)
    found = list(pages(client, f"page_size={size}"))
    assert [name for page in found for name in page] == [f"s{n:03}" for n in reversed(range(6))]
    assert all(found)


def test_a_page_stays_put_while_sessions_come_in(client, project):
    make(project, 4)
    token = client.get(f"{URL}?page_size=2").json()["next_page_token"]
    factories.SessionFactory(project=project, session_id="new")
    assert ids(client.get(f"{URL}?page_size=2&page_token={token}")) == ["s001", "s000"]


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", 20),
        ("page_size=", 20),
        ("page_size=null&page_token=null", 20),
        ("page_size=0", 20),
        ("page_size=-5", 20),
        ("page_size=3", 3),
        ("page_size=100", 100),
        ("page_size=101", 100),
        ("page_size=999999999999999999999999", 100),
    ],
)
def test_the_size_of_a_page(client, project, query, size):
    Session.objects.bulk_create(Session(project=project, session_id=f"b{n}") for n in range(105))
    assert len(ids(client.get(f"{URL}?{query}"))) == size


def test_the_sites_largest_page_counts(client, project):
    make(project, 5)
    with override_settings(AGENT_SESSIONS={"MAX_PAGE_SIZE": 2}):
        assert len(ids(client.get(URL))) == len(ids(client.get(f"{URL}?page_size=4"))) == 2


@pytest.mark.parametrize("value", ["x", "1.5", "None", "[]", "%00"])
def test_a_size_that_is_no_integer_is_422(client, value):
    response = client.get(f"{URL}?page_size={value}")
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["query", "page_size"]]


@pytest.mark.parametrize("token", ["x", "%00", "eyJhIjoxfQ", "W10", "\u00e4", "W1si" * 500])
def test_an_undecodable_token_is_an_empty_last_page(client, project, token):
    make(project, 2)
    response = client.get(URL, {"page_token": token})
    assert (response.status_code, response.json()) == (200, {"items": [], "next_page_token": None})


def test_a_users_key_lists_this_users(client, project):
    make(project, 2)
    factories.SessionFactory(project=project, session_id="marias", user_id="maria")
    marias = client_with(factories.APIKeyFactory(project=project, user_id="maria"))
    assert ids(marias.get(URL)) == ["marias"]


@pytest.mark.parametrize("count", [1, 50])
def test_it_costs_one_query(client, project, count, django_assert_num_queries):
    make(project, count)
    for session in Session.objects.all():
        factories.RunFactory(session=session, input={"large": 1})
    client.get(URL)
    with django_assert_num_queries(1):
        assert len(ids(client.get(f"{URL}?page_size=100"))) == count
