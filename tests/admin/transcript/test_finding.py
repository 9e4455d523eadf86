from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.admin.transcript import finding
from tests import factories
from tests.admin.transcript.pages import positions, read, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    """Positions 0 to 19 in runs 0 to 9, of which 3 and 7 failed; 8 says nothing and failed too."""
    session = factories.SessionFactory(project=project)
    for number in range(10):
        call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
        messages = [
            {"role": "assistant", "content": f"Word {number} Straße", "tool_calls": [call] if number % 4 == 1 else []},
            {"role": "tool", "tool_call_id": "c", "content": "x"}
            if number % 4 == 1
            else {"role": "user", "content": f"more {number}"},
        ]
        failed = {"status": "ERROR"} if number == 3 else {"is_error": number in {7, 8}}
        factories.RunFactory(session=session, messages=[] if number == 8 else messages, **failed)
    return session


def jump(client, session, to, **query):
    response = client.get(url(session, "transcript_jump"), {"to": to, **query}, headers={"Accept": "application/json"})
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize(
    ("to", "query", "anchor"),
    [
        ("start", {}, "m-0"),
        ("end", {}, "m-17"),
        ("next-error", {}, "run-3"),
        ("next-error", {"from": 5}, "run-3"),
        ("next-error", {"from": 6}, "run-7"),
        ("next-error", {"from_run": 7}, "run-8"),
        ("next-error", {"from_run": 8}, None),
        ("previous-error", {"from": 14}, "run-3"),
        ("previous-error", {}, "run-8"),
        ("next-tool", {}, "m-3"),
        ("next-tool", {"from": 3}, "m-11"),
        ("previous-tool", {"from": 3}, None),
        ("next-match", {"q": "word"}, "m-0"),
        ("next-match", {"q": "word", "from": 4}, "m-6"),
        ("previous-match", {"q": "WORD", "from": 4}, "m-2"),
        ("next-match", {"q": "nowhere"}, None),
        ("next-match", {}, None),
        ("sideways", {}, None),
        ("", {}, None),
        ("next-error", {"from": "x", "from_run": "9" * 50}, None),
        ("next-tool", {"from": "9" * 50}, None),
        ("next-match", {"q": "\x00"}, None),
        ("next-match", {"q": "%_"}, None),
    ],
)
def test_a_jump_finds_its_place(admin_client, session, to, query, anchor):
    assert jump(admin_client, session, to, **query).get("anchor") == anchor


def test_a_silent_run_is_found_before_the_one_that_followed(admin_client, session):
    answer = jump(admin_client, session, "next-error", from_run=7)
    assert answer["query"] == "at=16"
    page = read(admin_client, session, "transcript_piece", at=16)
    assert page.all(id="run-8")


def test_a_silent_run_at_the_end_is_found(admin_client, session):
    factories.RunFactory(session=session, status="ERROR")
    answer = jump(admin_client, session, "next-error", from_run=8)
    assert answer == {"anchor": "run-10", "query": "run_after=9"}
    assert read(admin_client, session, "transcript_piece", run_after=9).all(id="run-10")


def test_without_scripts_a_jump_leads_to_the_page(admin_client, session):
    response = admin_client.get(url(session, "transcript_jump"), {"to": "next-error"})
    assert response.headers["Location"] == f"{url(session)}?at=6#run-3"
    response = admin_client.get(url(session, "transcript_jump"), {"to": "next-error", "from": 17}, follow=True)
    assert "Nothing further found." in response.content.decode()


def test_matches_are_counted_and_numbered(admin_client, session, monkeypatch):
    answer = jump(admin_client, session, "next-match", q="straße", **{"from": 0})
    assert (answer["count"], answer["number"], answer["more"]) == (9, 2, False)
    monkeypatch.setattr(finding, "COUNTED", 5)
    answer = jump(admin_client, session, "next-match", q="straße")
    assert answer["more"]


def test_without_scripts_finding_opens_the_first_match(admin_client, session):
    page = read(admin_client, session, q="word 7")
    assert page.one("output").text == "1 match"
    assert page.one("article", "match")["data-position"] == "14"
    assert page.one("input", name=None, id="agent-sessions-query")["value"] == "word 7"
    assert read(admin_client, session, q="nowhere").one("output").text == "No matches"


def test_finding_keeps_what_is_looked_for(admin_client, session):
    assert jump(admin_client, session, "next-match", q="a b&c")["count"] == 0
    assert jump(admin_client, session, "next-match", q="word 3")["query"] == "at=6&q=word+3"
    assert 6 in positions(read(admin_client, session, at=6, q="word 3"))


@pytest.mark.parametrize("to", ["start", "end", "next-error", "previous-error", "next-tool", "next-match"])
def test_a_jump_asks_as_often_in_a_longer_session(admin_client, session, to):
    def count():
        with CaptureQueriesContext(connection) as queries:
            jump(admin_client, session, to, q="word", **{"from": 3})
        return len(queries)

    count()
    before = count()
    for _ in range(30):
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "word"}])
    assert count() == before <= 10
