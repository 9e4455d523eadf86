"""Branches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.exceptions import MessageNotFound, SessionExists, SessionNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage, branches, rollups
from tests import factories

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ROLLUPS = ("message_count", "run_count", "error_count", "last_run_status", "total_tokens", "input_tokens")


def user(text):
    return {"role": "user", "content": text}


def assistant(text, tokens=0):
    return {"role": "assistant", "content": text, "usage": {"input_tokens": tokens, "output_tokens": tokens}}


@pytest.fixture
def session(project):
    """Two turns and a note: messages 0 to 4."""
    session = factories.SessionFactory(
        project=project,
        session_id="trunk",
        name="Trip",
        metadata={"a": 1},
        state={"step": 2},
        summary={"summary": "All of it."},
        details={"source": "x"},
    )
    factories.RunFactory(
        session=session,
        run_id="r-1",
        agent=session.agent,
        user_id="maria",
        input="first",
        content="one",
        messages=[user("first"), assistant("one", 5)],
        usage={"input_tokens": 10, "output_tokens": 20, "cache_read_tokens": 3},
        duration_ms=12.5,
        turns=2,
        created_at=MOMENT,
    )
    factories.RunFactory(
        session=session,
        run_id="r-2",
        input="second",
        content={"answer": "two"},
        messages=[user("second"), assistant("two", 7)],
        usage={"input_tokens": 100, "output_tokens": 200},
        status="ERROR",
        error="late",
        details={"events": [1]},
    )
    services.append_messages(session=session, messages=[NewMessage(user("a note"))])
    return Session.objects.get(pk=session.pk)


def texts(session):
    return [message.text for message in session.messages.in_order()]


def assert_rollups_are_right(session):
    before = {name: getattr(session, name) for name in ROLLUPS}
    rollups.recount(session)
    session.refresh_from_db()
    assert {name: getattr(session, name) for name in ROLLUPS} == before


def test_it_shares_what_was_said_up_to_the_message(session):
    branch = services.branch_session(session=session, position=1, session_id="other")
    assert (branch.session_id, branch.parent, branch.branched_at) == ("other", session, 1)
    assert texts(branch) == ["first", "one"]
    assert texts(session) == ["first", "one", "second", "two", "a note"]
    ours, theirs = branch.messages.in_order(), session.messages.in_order()
    for copy, original in zip(ours, theirs, strict=False):
        assert copy.pk != original.pk
        for column in ("payload", "format", "role", "position", "created_at", "output_tokens"):
            assert getattr(copy, column) == getattr(original, column)
    assert {message.run.session_id for message in branch.messages.all()} == {branch.pk}


def test_a_whole_run_keeps_all_it_has(session):
    branch = services.branch_session(session=session, position=1)
    [run] = branch.runs.all()
    original = session.runs.get(run_id="r-1")
    own = {"id", "session", "last_finished_run"}
    for field in RunMetadata._meta.concrete_fields:
        if field.name not in own:
            assert getattr(run, field.attname) == getattr(original, field.attname), field.name
    assert (branch.run_count, branch.total_tokens, branch.cache_read_tokens) == (1, 30, 3)
    assert (branch.last_run_status, branch.last_finished_run) == ("COMPLETED", run)
    assert_rollups_are_right(branch)


def test_a_run_cut_in_its_middle_is_without_its_outcome(session):
    branch = services.branch_session(session=session, position=2)
    cut = branch.runs.get(run_id="r-2")
    assert (cut.input, cut.content, cut.details, cut.error, cut.is_error) == ("second", None, None, None, False)
    assert (cut.status, cut.total_tokens, cut.turns) == ("CANCELLED", 0, 0)
    assert (branch.run_count, branch.error_count, branch.total_tokens) == (2, 0, 30)
    assert_rollups_are_right(branch)


def test_a_cut_run_has_the_tokens_of_what_is_shared(project):
    session = factories.SessionFactory(project=project)
    turn = [user("go"), assistant("calling", 4), {"role": "tool", "content": "42"}, assistant("done", 6)]
    factories.RunFactory(session=session, messages=turn, turns=2)
    branch = services.branch_session(session=session, position=2)
    [cut] = branch.runs.all()
    assert (cut.input_tokens, cut.total_tokens, cut.turns) == (4, 8, 1)
    assert branch.total_tokens == 8


def test_tokens_of_messages_outside_runs_count(project):
    session = factories.SessionFactory(project=project, messages=[assistant("a", 3), assistant("b", 4)])
    branch = services.branch_session(session=session, position=0)
    assert (branch.total_tokens, branch.message_count) == (6, 1)
    assert_rollups_are_right(branch)


def test_all_of_it_can_be_branched(session):
    branch = services.branch_session(session=session, position=4)
    assert texts(branch) == texts(session)
    assert (branch.state, branch.summary) == (session.state, session.summary)
    for name in (*ROLLUPS, "message_seq", "run_seq", "opening", "generated_title"):
        assert getattr(branch, name) == getattr(session, name), name


def test_what_tells_of_a_later_moment_stays_behind(session):
    branch = services.branch_session(session=session, position=0)
    assert (branch.state, branch.summary) == (None, None)
    assert (branch.name, branch.metadata, branch.details) == ("Trip", {"a": 1}, {"source": "x"})
    assert (branch.agent, branch.user_id, branch.type) == (session.agent, session.user_id, session.type)
    assert (branch.opening, branch.generated_title) == ("first", "first")


def test_fields_go_before_what_is_inherited(session):
    services.update_session(session=session, tags=["red", "green"])
    branch = services.branch_session(session=session, position=0, name="Detour", metadata={"b": 2}, state={"x": 1})
    assert (branch.name, branch.metadata, branch.state) == ("Detour", {"b": 2}, {"x": 1})
    assert sorted(branch.tags.values_list("name", flat=True)) == ["green", "red"]


def test_both_go_on_without_the_other(session):
    branch = services.branch_session(session=session, position=1)
    services.record_run(session=branch, run_id="r-2", messages=[NewMessage(user("else"))])
    services.append_messages(session=session, messages=[NewMessage(user("more"))])
    assert texts(branch) == ["first", "one", "else"]
    assert texts(session)[-1] == "more"
    assert [run.position for run in branch.runs.in_order()] == [0, 1]
    branch.refresh_from_db()
    assert_rollups_are_right(branch)


def test_a_run_sent_again_to_the_branch_is_still_one(session):
    branch = services.branch_session(session=session, position=1)
    _, created = services.record_run(session=branch, run_id="r-1")
    assert not created


def test_a_branch_of_a_branch(session):
    middle = services.branch_session(session=session, position=3)
    leaf = services.branch_session(session=middle, position=1)
    assert (texts(leaf), leaf.parent, middle.parent) == (["first", "one"], middle, session)


def test_deleting_the_parent_leaves_the_branch_whole(session):
    branch = services.branch_session(session=session, position=3)
    services.delete_sessions(sessions=Session.objects.filter(pk=session.pk))
    branch = Session.objects.get(pk=branch.pk)
    assert (branch.parent, texts(branch)) == (None, ["first", "one", "second", "two"])
    assert (branch.run_count, branch.runs.count(), branch.last_finished_run.run_id) == (2, 2, "r-2")


def test_deleting_the_branch_leaves_the_parent_whole(session):
    branch = services.branch_session(session=session, position=3)
    services.delete_sessions(sessions=Session.objects.filter(pk=branch.pk))
    assert len(texts(session)) == 5
    assert session.runs.count() == 2


def test_an_unfinished_run_will_not_end_in_the_branch(project):
    session = factories.SessionFactory(project=project)
    factories.RunFactory(session=session, messages=[user("wait")], status="RUNNING", details={"a": 1})
    branch = services.branch_session(session=session, position=0)
    [run] = branch.runs.all()
    assert (run.status, run.details, branch.last_run_status) == ("CANCELLED", {"a": 1}, "CANCELLED")
    assert session.runs.get().status == "RUNNING"


def test_runs_without_messages_come_along_where_they_came_before(project):
    session = factories.SessionFactory(project=project)
    for run_id, said in (("r-0", []), ("r-1", [user("a")]), ("r-2", []), ("r-3", [user("b")]), ("r-4", [])):
        factories.RunFactory(session=session, run_id=run_id, messages=said)
    for position, runs in ((0, ["r-0", "r-1"]), (1, ["r-0", "r-1", "r-2", "r-3", "r-4"])):
        branch = services.branch_session(session=session, position=position)
        assert [run.run_id for run in branch.runs.in_order()] == runs


def test_gaps_stay_gaps(session):
    services.delete_message(message=session.messages.get(position=0))
    branch = services.branch_session(session=session, position=3)
    assert [message.position for message in branch.messages.in_order()] == [1, 2, 3]
    assert branch.message_seq == 4


@pytest.mark.parametrize("position", [5, 10**9])
def test_there_must_be_such_a_message(session, position):
    with pytest.raises(MessageNotFound):
        services.branch_session(session=session, position=position)
    assert Session.objects.count() == 1


def test_its_id_must_be_new(session):
    with pytest.raises(SessionExists):
        services.branch_session(session=session, position=0, session_id="trunk")
    assert (Session.objects.count(), Message.objects.count()) == (1, 5)


def test_the_session_must_be_there(session):
    gone = Session.objects.get(pk=session.pk)
    services.delete_sessions(sessions=Session.objects.all())
    with pytest.raises(SessionNotFound):
        services.branch_session(session=gone, position=0)


def test_long_sessions_are_copied_in_few_statements(project, monkeypatch):
    def statements(turns):
        session = factories.SessionFactory(project=project)
        for n in range(turns):
            factories.RunFactory(session=session, messages=[user(str(n)), assistant("x")])
        with CaptureQueriesContext(connection) as queries:
            branch = services.branch_session(session=session, position=2 * turns - 1)
        assert branch.message_count == 2 * turns
        return len(queries)

    assert statements(3) == statements(25)
    monkeypatch.setattr(branches, "CHUNK", 7)
    session = factories.SessionFactory(project=project, messages=[user(str(n)) for n in range(20)])
    assert texts(services.branch_session(session=session, position=19)) == [str(n) for n in range(20)]
