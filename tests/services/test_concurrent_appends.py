"""Several writers to one session at once lose nothing, since each locks it before it writes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from sessions_app import services
from sessions_app.models import Session
from sessions_app.models.usage import TOKEN_FIELDS
from tests import factories
from tests.services.samples import said
from tests.together import WRITERS, failures, on_own_connection, sqlite_is_locked, together

pytestmark = pytest.mark.django_db(transaction=True)

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's transaction modes")


def write_a_lot(session, writer, rounds=5):
    """Three appended messages and a run of two, ``rounds`` times over."""
    for round_ in range(rounds):
        services.append_messages(session=session, messages=[said(f"{writer}/{round_}/a{n}", 10) for n in range(3)])
        services.record_run(
            session=session,
            run_id=f"run-{writer}-{round_}",
            messages=[said(f"{writer}/{round_}/r{n}", 100) for n in range(2)],
            status="ERROR" if round_ == 0 else "COMPLETED",
            usage={name: number for number, name in enumerate(TOKEN_FIELDS, 1)},
        )


def assert_nothing_lost(session, rounds=5):
    """What ``write_a_lot`` of all writers must have left behind."""
    session = Session.objects.get(pk=session.pk)
    messages = list(session.messages.in_order())
    runs = list(session.runs.in_order())
    assert [message.position for message in messages] == list(range(WRITERS * rounds * 5))
    assert [run.position for run in runs] == list(range(WRITERS * rounds))
    pieces = ("a0", "a1", "a2", "r0", "r1")
    expected = {f"{w}/{r}/{piece}" for w in range(WRITERS) for r in range(rounds) for piece in pieces}
    assert {message.payload["content"] for message in messages} == expected
    for writer in range(WRITERS):
        mine = [m.payload["content"] for m in messages if m.payload["content"].startswith(f"{writer}/")]
        assert mine == [f"{writer}/{r}/{piece}" for r in range(rounds) for piece in pieces]
    assert (session.message_count, session.message_seq) == (len(messages), len(messages))
    assert (session.run_count, session.run_seq) == (len(runs), len(runs))
    assert session.error_count == WRITERS
    assert session.revision == WRITERS * rounds * 2
    assert session.last_finished_run == runs[-1]
    assert session.last_run_status == runs[-1].status
    assert session.generated_title == messages[0].text
    of_runs = session.runs.aggregate(**{name: Sum(name) for name in TOKEN_FIELDS})
    outside = session.messages.filter(run=None).aggregate(
        **{name: Sum(name) for name in ("input_tokens", "output_tokens", "total_tokens")}
    )
    assert session.usage == {name: of_runs[name] + outside.get(name, 0) for name in TOKEN_FIELDS}
    assert session.input_tokens == WRITERS * rounds * (3 * 10 + 1)


def test_eight_writers_lose_nothing():
    session = factories.SessionFactory()
    outcomes = together(*[lambda w=w: write_a_lot(session, w) for w in range(WRITERS)])
    assert failures(outcomes) == []
    assert_nothing_lost(session)


def is_locked(session):
    """Whether somebody else's write to the session would have to wait now."""
    if connection.vendor == "sqlite":
        return sqlite_is_locked()

    def lock():
        with transaction.atomic():
            return Session.objects.select_for_update(nowait=True).get(pk=session.pk)

    with ThreadPoolExecutor(1) as pool:
        return isinstance(pool.submit(on_own_connection, lock).result(), DatabaseError)


WRITES = {
    "append_messages": lambda s: services.append_messages(session=s, messages=[said("new")]),
    "update_message": lambda s: services.update_message(message=s.messages.first(), payload={"role": "user"}),
    "delete_message": lambda s: services.delete_message(message=s.messages.first()),
    "record_run": lambda s: services.record_run(session=s, run_id="new", messages=[said("new")]),
    "update_run": lambda s: services.update_run(run=s.runs.get(), messages=[said("new")]),
    "delete_run": lambda s: services.delete_run(run=s.runs.get()),
    "update_session": lambda s: services.update_session(session=s, tags=["new"]),
    "delete_sessions": lambda s: services.delete_sessions(sessions=Session.objects.filter(pk=s.pk)),
}


@pytest.mark.usefixtures("plain_sqlite")
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_session_is_locked_before_its_rows_are_written(write):
    session = factories.SessionFactory(messages=[{"role": "user", "content": "hello"}])
    factories.RunFactory(session=session)
    seen = []

    def look(execute, sql, params, many, context):
        if re.match(
            r"(WITH \w+ AS \()?(INSERT\b.*?INTO|UPDATE|DELETE\b.*?FROM) .sessions_app_(message|run|session_tags)", sql
        ):
            seen.append(is_locked(session))
        return execute(sql, params, many, context)

    assert not is_locked(session)
    with connection.execute_wrapper(look):
        write(session)
    assert seen
    assert all(seen)


@only_sqlite
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_eight_writers_lose_nothing_in_deferred_sqlite(journal, monkeypatch):
    """As a host has it who changed nothing of Django's defaults: DEFERRED, and five seconds of patience."""
    session = factories.SessionFactory()
    connection.close()
    options = {"init_command": f"PRAGMA journal_mode={journal}"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == (journal,)
    assert connection.transaction_mode is None
    try:
        outcomes = together(*[lambda w=w: write_a_lot(session, w, rounds=3) for w in range(WRITERS)])
        assert failures(outcomes) == []
        assert_nothing_lost(session, rounds=3)
    finally:
        connection.close()
