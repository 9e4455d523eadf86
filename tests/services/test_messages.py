"""Messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.exceptions import InvalidValue, MessageNotFound, RunNotFound, SessionNotFound
from sessions_app.models import Message, Session
from sessions_app.services import NewMessage
from tests import factories
from tests.services.samples import user

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def test_they_are_appended_in_order(project):
    session = factories.SessionFactory(project=project)
    first = services.append_messages(session=session, messages=[user("a"), user("b")])
    [third] = services.append_messages(session=session, messages=[user("c")])
    assert [row.position for row in [*first, third]] == [0, 1, 2]
    assert [row.text for row in session.messages.in_order()] == ["a", "b", "c"]
    assert all(row.pk for row in first)
    session.refresh_from_db()
    assert (session.message_count, session.message_seq) == (3, 3)


def test_the_columns_are_read_from_the_payload(project):
    payload = {
        "role": "tool",
        "content": "42\x00",
        "tool_call_id": "call\x00",
        "tool_name": "n" * 300,
        "metrics": {"input_tokens": 5, "output_tokens": 6},
        "created_at": MOMENT.timestamp(),
        "from_history": True,
    }
    session = factories.SessionFactory(project=project)
    services.append_messages(session=session, messages=[NewMessage(payload)])
    row = Message.objects.get()
    assert row.payload == payload
    assert (row.role, row.text, row.name, row.tool_call_id) == ("tool", "42\ufffd", "n" * 255, "call\ufffd")
    assert (row.input_tokens, row.output_tokens, row.total_tokens) == (5, 6, 11)
    assert (row.created_at, row.from_history, row.format) == (MOMENT, True, "openai.chat")


def test_a_time_that_is_given_goes_before_the_payloads_own(project):
    session = factories.SessionFactory(project=project)
    message = NewMessage({"role": "user", "created_at": 5}, created_at=MOMENT)
    services.append_messages(session=session, messages=[message])
    assert Message.objects.get().created_at == MOMENT


@pytest.mark.parametrize(
    "created_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300, "x", "", [], True, 10**30]
)
def test_an_impossible_time_is_now(project, created_at):
    session = factories.SessionFactory(project=project)
    services.append_messages(session=session, messages=[user("a", created_at=created_at)])
    assert Message.objects.get().created_at >= session.created_at


@pytest.mark.parametrize(
    ("bad", "location"),
    [
        (NewMessage({"content": "x"}), (1, "role")),
        (NewMessage({"role": "user\x00"}), (1, "role")),
        (NewMessage({"role": "x" * 65}), (1, "role")),
        (NewMessage("x"), (1,)),
        (NewMessage({"role": "user"}, format="no.such"), (1, "format")),
        (NewMessage({"role": "user", "tool_calls": [5]}), (1, "tool_calls")),
        (NewMessage({"type": 5}, format="openai.responses"), (1, "type")),
    ],
)
def test_one_bad_message_stores_none(project, bad, location):
    session = factories.SessionFactory(project=project)
    with pytest.raises(InvalidValue) as caught:
        services.append_messages(session=session, messages=[user("good"), bad])
    assert caught.value.location == location
    session.refresh_from_db()
    assert (session.message_seq, session.revision, Message.objects.count()) == (0, 0, 0)


def test_a_session_that_is_gone_takes_none(project):
    session = factories.SessionFactory(project=project)
    Session.objects.filter(pk=session.pk).delete()
    with pytest.raises(SessionNotFound):
        services.append_messages(session=session, messages=[user("a")])
    assert not Message.objects.exists()


def test_a_message_may_join_a_run(project):
    session = factories.SessionFactory(project=project)
    run = factories.RunFactory(session=session, usage={"input_tokens": 7})
    message = NewMessage({"role": "user", "content": "a", "metrics": {"input_tokens": 100}}, run=run)
    services.append_messages(session=session, messages=[message])
    run.refresh_from_db()
    session.refresh_from_db()
    assert [row.text for row in run.messages.all()] == ["a"]
    assert (run.total_tokens, session.total_tokens, session.message_count) == (7, 7, 1)


def test_a_run_of_another_session_or_none_is_refused(project):
    session = factories.SessionFactory(project=project)
    foreign = factories.RunFactory(session__project=project)
    gone = factories.RunFactory(session=session)
    services.delete_run(run=gone)
    for run in (foreign, gone):
        with pytest.raises(RunNotFound):
            services.append_messages(session=session, messages=[NewMessage({"role": "user"}, run=run)])
    assert not Message.objects.exists()


def test_an_update_keeps_the_place(project):
    session = factories.SessionFactory(project=project)
    first, _ = services.append_messages(session=session, messages=[user("a"), user("b")])
    payload = {"type": "function_call_output", "call_id": "c", "output": "new"}
    services.update_message(message=first, payload=payload, format="openai.responses")
    row = session.messages.at(0)
    assert (row.payload, row.format, row.role, row.text) == (payload, "openai.responses", "tool", "new")
    assert (row.tool_call_id, row.created_at, row.pk) == ("c", first.created_at, first.pk)


def test_a_bad_update_changes_nothing(project):
    session = factories.SessionFactory(project=project)
    [row] = services.append_messages(session=session, messages=[user("a")])
    with pytest.raises(InvalidValue):
        services.update_message(message=row, payload={"content": "x"})
    with pytest.raises(InvalidValue):
        services.update_message(message=row, payload={"role": "user"}, format="no.such")
    assert Message.objects.get().payload == {"role": "user", "content": "a"}


def test_a_deleted_message_does_not_come_back(project):
    session = factories.SessionFactory(project=project)
    [row, _] = services.append_messages(session=session, messages=[user("a"), user("b")])
    services.delete_message(message=row)
    stale = Message(pk=row.pk, session=session, position=0, payload=row.payload, role="user")
    with pytest.raises(MessageNotFound):
        services.update_message(message=stale, payload={"role": "user", "content": "again"})
    services.delete_message(message=stale)
    assert [message.text for message in session.messages.all()] == ["b"]


def test_a_freed_position_is_not_taken_again(project):
    session = factories.SessionFactory(project=project)
    rows = services.append_messages(session=session, messages=[user("a"), user("b")])
    services.delete_message(message=rows[1])
    services.append_messages(session=session, messages=[user("c")])
    assert [message.position for message in session.messages.in_order()] == [0, 2]
    session.refresh_from_db()
    assert (session.message_count, session.message_seq) == (2, 3)


def statements(write):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        write()
    return len(captured)


@pytest.fixture
def long_session(project):
    """A session with a thousand messages."""
    return factories.SessionFactory(
        project=project, messages=[{"role": "user", "content": f"{n}"} for n in range(1000)]
    )


@pytest.fixture
def short_session(project):
    return factories.SessionFactory(project=project, messages=[{"role": "user", "content": f"{n}"} for n in range(10)])


def test_a_long_session_costs_no_more_statements(long_session, short_session):
    counts = [
        statements(lambda s=session: services.append_messages(session=s, messages=[user("a"), user("b")]))
        for session in (short_session, long_session)
    ]
    assert counts[0] == counts[1]
    assert counts[0] <= 7
    joins = [factories.RunFactory(session=session) for session in (short_session, long_session)]
    counts = [
        statements(
            lambda r=run: services.append_messages(session=r.session, messages=[NewMessage({"role": "user"}, run=r)])
        )
        for run in joins
    ]
    assert counts[0] == counts[1]
    counts = [
        statements(lambda s=session: services.record_run(session=s, run_id="new", messages=[user("a")], usage={}))
        for session in (short_session, long_session)
    ]
    assert counts[0] == counts[1]
    counts = [
        statements(lambda r=run: services.update_run(run=r, messages=[user("a")], status="PAUSED")) for run in joins
    ]
    assert counts[0] == counts[1]


def test_more_messages_cost_no_more_statements(short_session):
    few = statements(lambda: services.append_messages(session=short_session, messages=[user("a")]))
    more = statements(lambda: services.append_messages(session=short_session, messages=[user("a")] * 20))
    assert few == more
