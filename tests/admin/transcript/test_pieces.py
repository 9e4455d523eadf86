from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.admin.transcript import page as pages
from sessions_app.admin.transcript import pieces
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.transcript.pages import positions, read, url

pytestmark = pytest.mark.django_db


def fill(session, runs, agent=None):
    """Runs of five messages each: 4 bubbles, since an answer joins its call."""
    for number in range(runs):
        call = {"id": f"c{number}", "function": {"name": "f", "arguments": "{}"}}
        payloads = [
            {"role": "user", "content": "Question"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{number}", "content": "{}"},
            {"role": "assistant", "content": "Answer"},
            {"role": "user", "content": "Thanks"},
        ]
        factories.RunFactory(session=session, messages=payloads, agent=agent)


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def links(page):
    return {link["data-more"]: link["data-query"] for link in page.all("a") if "data-more" in link.attributes}


def test_a_short_session_comes_in_one_piece(admin_client, session):
    fill(session, 3)
    page = read(admin_client, session)
    assert positions(page) == [p for p in range(15) if p % 5 != 2]
    assert links(page) == {}


def test_a_long_session_comes_in_pieces_that_meet(admin_client, session):
    fill(session, 50)
    seen, page = [], read(admin_client, session)
    while True:
        seen += positions(page)
        if "after" not in links(page):
            break
        assert len(positions(page)) <= pieces.SIZE + pieces.SLACK
        name, _, value = links(page)["after"].partition("=")
        page = read(admin_client, session, "transcript_piece", **{name: value})
    assert seen == [p for p in range(250) if p % 5 != 2]


def test_pieces_meet_backwards_too(admin_client, session):
    fill(session, 50)
    seen, page = [], read(admin_client, session, at=249)
    while True:
        seen = positions(page) + seen
        if "before" not in links(page):
            break
        name, _, value = links(page)["before"].partition("=")
        page = read(admin_client, session, "transcript_piece", **{name: value})
    assert seen == [p for p in range(250) if p % 5 != 2]


def test_a_place_is_shown_with_its_neighbours(admin_client, session):
    fill(session, 60)
    shown = positions(read(admin_client, session, at=150))
    assert shown[0] == 120
    assert {150, 215} <= set(shown)


def test_a_run_is_shown_where_it_begins(admin_client, session):
    fill(session, 60)
    run = session.runs.get(position=40)
    assert 200 in positions(read(admin_client, session, run=run.pk))


@pytest.mark.parametrize("shift", range(5))
def test_an_answer_is_never_torn_from_its_call(admin_client, session, shift):
    say = [NewMessage({"role": "user", "content": "x"})] * shift
    services.append_messages(session=session, messages=say)
    fill(session, 50)
    page = read(admin_client, session)
    while True:
        assert "Answer of a tool" not in page.text
        assert all(card.all(name="result") for card in page.all("details", "tool-call"))
        if "after" not in links(page):
            break
        page = read(admin_client, session, "transcript_piece", after=links(page)["after"].partition("=")[2])


def test_heavy_messages_make_short_pieces(admin_client, session, monkeypatch):
    monkeypatch.setattr(pieces, "CHARACTERS", 1000)
    services.append_messages(session=session, messages=[NewMessage({"role": "user", "content": "x" * 600})] * 3)
    page = read(admin_client, session)
    assert positions(page) == [0]
    assert positions(read(admin_client, session, "transcript_piece", after=0)) == [1]


def test_gaps_in_the_positions_do_no_harm(admin_client, session):
    fill(session, 3)
    for message in session.messages.filter(position__in=[0, 5, 6, 14]):
        services.delete_message(message=message)
    assert positions(read(admin_client, session, at=5))[0] == 1
    assert positions(read(admin_client, session, after=13)) == []


def test_an_empty_session_says_so(admin_client, session):
    assert read(admin_client, session).one(name="empty").text == "Nothing was said here."


def count(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


PLACES = ["", "?at=12", "?after=2", "?before=13", "?run=RUN", "?q=Question", "?at=8&q=Thanks", "?history=1"]


def test_a_page_asks_as_often_for_500_messages_as_for_15(admin_client, session):
    def fetch():
        run = str(session.runs.first().pk)
        return {place: count(admin_client, url(session) + place.replace("RUN", run)) for place in PLACES}

    agent = factories.AgentFactory(project=session.project)
    fill(session, 3, agent)
    services.update_session(session=session, tags=["a"])
    factories.SessionFactory(project=session.project)
    before = fetch()
    fill(session, 100, agent)
    for number in range(15):
        factories.SessionFactory(project=session.project)
        factories.RunFactory(session=session, run_id=f"silent-{number}", agent=agent)
    services.update_session(session=session, tags=["a", "b", "c"])
    after = fetch()
    assert [place for place in PLACES if after[place] > before[place]] == []
    assert max(before.values()) <= 26


def test_a_piece_asks_as_often_for_500_messages_as_for_15(admin_client, session):
    fill(session, 3)
    address = url(session, "transcript_piece") + "?after=2"
    before = count(admin_client, address)
    fill(session, 100)
    assert count(admin_client, address) <= before <= 14


def test_the_print_view_shows_everything_unfolded_up_to_a_bound(admin_client, session, monkeypatch):
    fill(session, 50)
    page = read(admin_client, session, print=1)
    assert len(positions(page)) == 200
    folds = [fold for fold in page.all("details") if "agent-sessions-menu" not in fold.classes]
    assert folds
    assert all("open" in fold.attributes for fold in folds)
    assert "longer than this page" not in page.text
    monkeypatch.setattr(pages, "PRINTED", 100)
    page = read(admin_client, session, print=1)
    assert len(positions(page)) < 150
    assert "longer than this page" in page.text
