from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from sessions_app import services
from sessions_app.models import Session
from tests import factories

SESSIONS = "/api/sessions"


@pytest.fixture
def sessions(project):
    """Twelve sessions; in each column that sorts, several have the same value."""
    rows = [
        Session(
            project=project,
            session_id=f"s{n:02}",
            total_tokens=n // 5,
            message_count=n % 2,
            created_at=datetime(2025, 1, 1 + n // 3, tzinfo=UTC),
            updated_at=datetime(2025, 2, 1 + n % 4, tzinfo=UTC),
        )
        for n in range(12)
    ]
    return Session.objects.bulk_create(rows)


def follow(client, url, direction="next"):
    """All rows from ``url`` on, and the page that was last."""
    rows, page = [], {"previous": None}
    while url:
        page = client.get(url).json()
        rows += page["results"] if direction == "next" else reversed(page["results"])
        url = page[direction]
    return rows, page


def ids(rows):
    return [row["session_id"] for row in rows]


SORTS = {"created_at": "created_at", "updated_at": "updated_at", "tokens": "total_tokens", "messages": "message_count"}


@pytest.mark.parametrize("size", [1, 2, 5, 12, 100])
@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_it_walks_all_rows_to_the_end_and_back(client, sessions, sort, size):
    column = SORTS[sort.lstrip("-")]
    expected = sorted(sessions, key=lambda row: (getattr(row, column), row.pk), reverse=sort.startswith("-"))
    url = f"{SESSIONS}?sort={sort}&page_size={size}"
    there, last = follow(client, url)
    assert ids(there) == [row.session_id for row in expected]
    assert last["next"] is None
    back, first = follow(client, last["previous"], "previous")
    assert ids(reversed(back)) + ids(last["results"]) == ids(there)
    assert first["previous"] is None


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at", "messages", "-messages"])
def test_nothing_is_lost_or_doubled_while_others_write(client, project, sessions, sort):
    url = f"{SESSIONS}?sort={sort}&page_size=2"
    there, _ = follow(client, url)
    old, seen, written = {row.session_id for row in sessions}, [], 0
    while url and written < 20:
        page = client.get(url).json()
        seen += ids(page["results"])
        url = page["next"]
        services.create_session(project=project)
        written += 1
    assert [each for each in seen if each in old] == ids(there)
    assert len(seen) == len(set(seen))


def test_a_row_that_goes_takes_no_other_with_it(client, sessions):
    page = client.get(f"{SESSIONS}?sort=tokens&page_size=3").json()
    Session.objects.filter(session_id=page["results"][-1]["session_id"]).delete()
    assert ids(client.get(page["next"]).json()["results"]) == ["s03", "s04", "s05"]


def test_filters_stay(client, sessions):
    Session.objects.filter(session_id__in=["s01", "s05", "s09"]).update(user_id="maria & \u00e4=?#")
    url = f"{SESSIONS}?user_id=maria%20%26%20%C3%A4%3D%3F%23&page_size=1&sort=created_at"
    assert ids(follow(client, url)[0]) == ["s01", "s05", "s09"]


def test_metadata_filters_stay(client, sessions):
    Session.objects.filter(session_id__in=["s01", "s05"]).update(metadata={"a b": {"\u00e4": "+&"}})
    url = f"{SESSIONS}?metadata.a%20b.%C3%A4=%2B%26&page_size=1&sort=created_at"
    assert ids(follow(client, url)[0]) == ["s01", "s05"]


def test_links_are_whole_addresses(client, sessions):
    link = client.get(f"{SESSIONS}/?page_size=1").json()["next"]
    assert link.startswith(f"http://testserver{SESSIONS}/?")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/api/sessions/s/messages", list(range(7))),
        ("/api/sessions/s/messages?sort=-position", list(range(6, -1, -1))),
        ("/api/sessions/s/runs", list(range(7))),
        ("/api/sessions/s/runs?sort=-position", list(range(6, -1, -1))),
    ],
)
def test_messages_and_runs_have_pages_too(client, project, url, expected):
    session = factories.SessionFactory(project=project, session_id="s")
    for _ in range(7):
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "x"}])
    rows, last = follow(client, f"{url}{'&' if '?' in url else '?'}page_size=3")
    assert [row["position"] for row in rows] == expected
    back, _ = follow(client, last["previous"], "previous")
    assert [row["position"] for row in reversed(back)] + expected[-1:] == expected


def test_agents_have_pages_too(client, project):
    expected = sorted(factories.AgentFactory(project=project, agent_id=f"a{n}").agent_id for n in range(4))
    for type_ in ("team", "workflow"):
        factories.AgentFactory(project=project, agent_id="a1", type=type_)
    rows, _ = follow(client, "/api/agents?page_size=1")
    assert [row["agent_id"] for row in rows] == sorted([*expected, "a1", "a1"])


def test_the_default_page_has_50_rows(client, project):
    Session.objects.bulk_create([Session(project=project, session_id=str(n)) for n in range(51)])
    assert len(client.get(SESSIONS).json()["results"]) == 50


def test_an_empty_list_has_one_page(client):
    assert client.get(SESSIONS).json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("size", ["0", "-1", "1001", "9" * 30, "x", "1.5", "1e2", "%00", "True", "NaN"])
def test_a_bad_page_size_is_422(client, size):
    response = client.get(f"{SESSIONS}?page_size={size}")
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["query", "page_size"]]


def test_the_site_limits_the_page_size(client, sessions):
    with override_settings(AGENT_SESSIONS={"MAX_PAGE_SIZE": 3}):
        assert client.get(f"{SESSIONS}?page_size=4").status_code == 422
        assert len(client.get(f"{SESSIONS}?page_size=3").json()["results"]) == 3
        assert len(client.get(SESSIONS).json()["results"]) == 3


def token(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "\u00e4",
        "%00",
        "====",
        "A" * 10_000,
        token(),
        token("-updated_at"),
        token("-updated_at", 0, "2025-01-01T00:00:00+00:00", 1, 1),
        token("updated_at", 0, "2025-01-01T00:00:00+00:00", 1),
        token("state", 0, "x", 1),
        token("project__api_keys__hashed_key", 0, "x", 1),
        token("-updated_at", 0, "yesterday", 1),
        token("-updated_at", 0, None, 1),
        token("-updated_at", 0, 5, 1),
        token("-updated_at", 0, [], 1),
        token("-updated_at", 0, "0001-01-01T00:00:00+14:00", 1),
        token("-updated_at", 0, "2025-01-01T00:00:00+00:00", "1"),
        token("-updated_at", 0, "2025-01-01T00:00:00+00:00", 1.5),
        token("-updated_at", 0, "2025-01-01T00:00:00+00:00", None),
        token("-updated_at", 0, "2025-01-01T00:00:00+00:00", 2**63),
        token({"a": 1}, 0, 0, 0),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"9" * 5000).decode(),
        base64.urlsafe_b64encode(b"NaN").decode(),
    ],
    ids=lambda cursor: ascii(cursor)[:40],
)
def test_a_cursor_that_we_did_not_make_is_422(client, sessions, cursor):
    response = client.get(f"{SESSIONS}?cursor={cursor}")
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["query", "cursor"]]


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**100, "x", "1e3", [1], float("nan"), float("inf"), "\x00"])
def test_a_cursor_with_a_bad_number_is_422(client, sessions, value):
    assert client.get(f"{SESSIONS}?sort=tokens&cursor={token('total_tokens', 0, value, 1)}").status_code == 422


@pytest.mark.parametrize("value", ["\x00", "\ud800", None])
def test_a_cursor_with_a_bad_text_is_422(client, value):
    assert client.get(f"/api/agents?cursor={token('agent_id', 0, value, 1)}").status_code == 422


def test_a_cursor_of_another_order_is_422(client, sessions):
    following = client.get(f"{SESSIONS}?sort=tokens&page_size=1").json()["next"]
    assert client.get(following.replace("sort=tokens", "sort=messages")).status_code == 422


def test_an_empty_cursor_is_the_first_page(client, sessions):
    assert client.get(f"{SESSIONS}?cursor=").json()["results"] == client.get(SESSIONS).json()["results"]
