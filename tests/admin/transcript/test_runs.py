from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import RunMetadata
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.pages import page_url
from tests.admin.transcript.pages import bubbles, positions, read

pytestmark = pytest.mark.django_db


def say(text, **more):
    return {"role": "user", "content": text, **more}


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def groups(page):
    """The first words of each group's head, with its bubbles."""
    return [
        (group.all("h2")[0].text if group.all("h2") else "", [bubble.text for bubble in group.all(name="bubble")])
        for group in page.all("div", "group")
    ]


def run_of(session, name, *texts, **fields):
    agent = factories.AgentFactory(project=session.project, name=name)
    return factories.RunFactory(session=session, agent=agent, messages=[say(text) for text in texts], **fields)


def test_messages_stand_in_order_under_their_runs(admin_client, session):
    services.append_messages(session=session, messages=[NewMessage(say("before"))])
    run_of(session, "One", "a", "b")
    services.append_messages(session=session, messages=[NewMessage(say("between"))])
    run_of(session, "Two", "c")
    page = read(admin_client, session)
    assert groups(page) == [("", ["before"]), ("One", ["a", "b"]), ("", ["between"]), ("Two", ["c"])]
    assert positions(page) == [0, 1, 2, 3, 4]


def test_a_run_that_goes_on_later_says_so(admin_client, session):
    run = run_of(session, "One", "a")
    run_of(session, "Two", "b")
    services.update_run(run=run, messages=[NewMessage(say("c"))])
    page = read(admin_client, session)
    assert groups(page) == [("One", ["a"]), ("Two", ["b"]), ("One", ["c"])]
    assert len(page.all(id="run-0")) == 1
    assert "continued" in page.all("header", "run-head")[-1].text


def test_the_head_of_a_run_tells_how_it_went(admin_client, session):
    run = run_of(session, "One", "a", model_id="gpt-x", duration_ms=61_500.0, usage={"input_tokens": 2000})
    head = read(admin_client, session).one("header", "run-head")
    for words in ("One", "Completed", "gpt-x", "2,000 tokens", "1 min 2 s", "now"):
        assert words in head.text
    assert head.one("a", "run-id")["href"] == page_url(run)


@pytest.mark.parametrize("fields", [{"status": "ERROR"}, {"is_error": True}])
def test_a_failed_run_cannot_be_overlooked(admin_client, session, fields):
    run_of(session, "One", "a", error="No <b>space</b> left", **fields)
    page = read(admin_client, session)
    banner = page.one(name="error-banner")
    assert "This run failed." in banner.text
    assert banner.one("pre").text == "No <b>space</b> left"


def test_runs_without_messages_show_what_went_in_and_out(admin_client, session):
    run_of(session, "Silent", input={"q": 1}, content="Answer 1")
    run_of(session, "Loud", "a")
    run_of(session, "Last", content={"x": 2})
    page = read(admin_client, session)
    assert groups(page) == [("Silent", []), ("Loud", ["a"]), ("Last", [])]
    silent, _, last = page.all("div", "group")
    assert [body.text for body in silent.all("pre")] == ['{ "q": 1 }', "Answer 1"]
    assert last.one("pre").text == '{ "x": 2 }'


def test_runs_without_messages_stand_before_the_run_that_followed(admin_client, session):
    for name, texts in (("a", "1"), ("b", ""), ("c", ""), ("d", "2"), ("e", ""), ("f", "3")):
        run_of(session, name, *texts)
    assert [name for name, _ in groups(read(admin_client, session))] == list("abcdef")


def test_a_session_of_silent_runs_comes_in_pieces(admin_client, session):
    for number in range(105):
        RunMetadata.objects.create(session=session, run_id=f"r{number}", position=number)
    page = read(admin_client, session)
    assert len(page.all("div", "group")) == 100
    link = page.one("a", **{"data-more": "after"})
    assert link["data-query"] == "run_after=99"
    rest = read(admin_client, session, "transcript_piece", run_after=99)
    assert [head["id"] for head in rest.all("header", "run-head")] == [f"run-{n}" for n in range(100, 105)]
    assert not rest.all("a", **{"data-more": "after"})


def test_members_are_indented_below_who_called_them(admin_client, session):
    leader = run_of(session, "Leader", "a")
    member = run_of(session, "Member", "b", parent_run_id=leader.run_id)
    run_of(session, "Helper", "c", parent_run_id=member.run_id)
    run_of(session, "Stray", "d", parent_run_id="elsewhere")
    page = read(admin_client, session)
    depths = [[name[-1] for name in group.classes if "depth" in name] for group in page.all("div", "group")]
    assert depths == [["0"], ["1"], ["2"], ["1"]]
    heads = page.all("header", "run-head")
    assert "for Leader" in heads[1].text
    assert heads[1].one("a", **{"data-jump-run": None})["href"].endswith(f"?run={leader.pk}#run-0")
    assert "for elsewhere" in heads[3].text
    assert not heads[3].all("a", **{"data-jump-run": None})


def test_earlier_messages_given_once_more_are_left_out_with_a_note(admin_client, session):
    run_of(session, "One", "a")
    messages = [say("a", from_history=True), say("b")]
    factories.RunFactory(session=session, messages=messages)
    page = read(admin_client, session)
    assert bubbles(page) == ["a", "b"]
    note = page.all("div", "group")[1].one("p", "note")
    whole = read(admin_client, session, history=1)
    assert "history=1" in note.one("a")["href"]
    assert bubbles(whole) == ["a", "a", "b"]
    assert "given once more" in whole.all("article")[1].text
