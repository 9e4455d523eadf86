"""Several writers at once, each a thread with its own connection, all let go at the same moment."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from sessions_app import exceptions, services
from sessions_app.models import Agent, Message, RunMetadata, Session, Tag
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import NewMessage
from tests import factories
from tests.together import WRITERS, failures, on_own_connection, sqlite_is_locked, together

pytestmark = pytest.mark.django_db(transaction=True)

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's transaction modes")


def said(text, tokens=0):
    metrics = {"input_tokens": tokens, "output_tokens": 1, "total_tokens": tokens + 1}
    return NewMessage({"role": "user", "content": text, "metrics": metrics})


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


def test_one_run_recorded_eight_times_is_stored_once():
    session = factories.SessionFactory()
    outcomes = together(
        *[
            lambda w=w: services.record_run(session=session, run_id="same", messages=[said(f"writer {w}", 7)])
            for w in range(WRITERS)
        ]
    )
    assert failures(outcomes) == []
    assert sorted(created for _, created in outcomes) == [False] * (WRITERS - 1) + [True]
    assert len({run.pk for run, _ in outcomes}) == 1
    session.refresh_from_db()
    assert (session.run_count, session.message_count, session.total_tokens) == (1, 1, 8)
    winner = next(number for number, (_, created) in enumerate(outcomes) if created)
    assert [message.payload["content"] for message in session.messages.all()] == [f"writer {winner}"]


def test_one_session_created_eight_times_exists_once():
    project = factories.ProjectFactory()
    outcomes = together(
        *[
            lambda w=w: services.create_session(project=project, session_id="same", user_id=f"user {w}", tags=["new"])
            for w in range(WRITERS)
        ]
    )
    assert [type(error) for error in failures(outcomes)] == [exceptions.SessionExists] * (WRITERS - 1)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    assert Session.objects.get().user_id == winner.user_id
    assert [tag.name for tag in winner.tags.all()] == ["new"]


def test_get_or_create_and_first_mention_of_an_agent_agree():
    project = factories.ProjectFactory()

    def start(writer):
        agent = services.ensure_agent(project=project, agent_id="agent", name="Agent", model={"id": "gpt-4o"})
        return services.get_or_create_session(
            project=project, session_id="same", agent=agent, tags=["one", "two", f"by {writer}"]
        )

    outcomes = together(*[lambda w=w: start(w) for w in range(WRITERS)])
    assert failures(outcomes) == []
    assert sorted(created for _, created in outcomes) == [False] * (WRITERS - 1) + [True]
    assert len({session.pk for session, _ in outcomes}) == 1
    assert Agent.objects.get().description == {"name": "Agent", "agent_id": "agent", "model": {"id": "gpt-4o"}}
    assert Session.objects.get().agent == Agent.objects.get()


def test_new_tags_set_on_many_sessions_at_once_are_made_once():
    project = factories.ProjectFactory()
    sessions = [factories.SessionFactory(project=project) for _ in range(WRITERS)]
    outcomes = together(*[lambda s=s: services.update_session(session=s, tags=["b", "a", "c"]) for s in sessions])
    assert failures(outcomes) == []
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["a", "b", "c"]
    assert all(session.tags.count() == 3 for session in sessions)


def test_writers_racing_a_deletion_leave_nothing_behind():
    project = factories.ProjectFactory()
    for number in range(10):
        session = factories.SessionFactory(project=project, session_id=f"doomed {number}")
        run = factories.RunFactory(session=session, run_id="first", messages=[{"role": "user", "content": "hello"}])
        doomed = Session.objects.filter(pk=session.pk)
        *writes, deleted = together(
            lambda s=session: services.append_messages(session=s, messages=[said("late")]),
            lambda s=session: services.record_run(session=s, run_id="late", messages=[said("late")]),
            lambda s=session: services.update_session(session=s, name="late"),
            lambda r=run: services.update_run(run=RunMetadata.objects.get(pk=r.pk), messages=[said("late")]),
            lambda d=doomed: services.delete_sessions(sessions=d),
        )
        assert deleted == 1
        allowed = (exceptions.SessionNotFound, exceptions.RunNotFound, RunMetadata.DoesNotExist)
        assert [error for error in failures(writes) if not isinstance(error, allowed)] == []
        assert not doomed.exists()
        assert not RunMetadata.objects.filter(session_id=session.pk).exists()
        assert not Message.objects.filter(session_id=session.pk).exists()


def test_two_deletions_of_the_same_sessions_both_end():
    project = factories.ProjectFactory()
    for _ in range(20):
        factories.SessionFactory(project=project, messages=[{"role": "user", "content": "hello"}])
    outcomes = together(
        *[lambda: services.delete_sessions(sessions=Session.objects.filter(project=project)) for _ in range(4)]
    )
    assert failures(outcomes) == []
    assert sum(outcomes) == 20
    assert not Session.objects.exists()
    assert not Message.objects.exists()


def test_updates_of_different_fields_both_stay():
    changes = [{"state": {"a": 1}}, {"metadata": {"b": 2}}, {"name": "c"}, {"summary": "d"}, {"details": {"e": [5]}}]
    session = factories.SessionFactory()
    outcomes = together(*[lambda c=c: services.update_session(session=session, **c) for c in changes])
    assert failures(outcomes) == []
    session.refresh_from_db()
    for change in changes:
        for column, value in change.items():
            assert getattr(session, column) == value
    assert session.revision == len(changes)


def test_an_update_and_an_append_both_stay():
    session = factories.SessionFactory()
    outcomes = together(
        lambda: services.update_session(session=session, state={"a": 1}),
        lambda: services.append_messages(session=session, messages=[said("hello", 3)]),
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    assert (session.state, session.message_count, session.total_tokens, session.revision) == ({"a": 1}, 1, 4, 2)


def test_one_of_eight_wins_a_revision():
    session = factories.SessionFactory()
    outcomes = together(
        *[
            lambda w=w: services.update_session(session=session, expected_revision=0, state={"winner": w})
            for w in range(WRITERS)
        ]
    )
    assert [type(error) for error in failures(outcomes)] == [exceptions.RevisionConflict] * (WRITERS - 1)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    session.refresh_from_db()
    assert session.state == winner.state
    assert session.revision == 1


def test_a_run_updated_by_eight_keeps_every_message_and_token():
    session = factories.SessionFactory()
    run = factories.RunFactory(session=session, status="RUNNING", usage={})
    outcomes = together(
        *[
            lambda w=w: services.update_run(run=RunMetadata.objects.get(pk=run.pk), messages=[said(f"step {w}", 10)])
            for w in range(WRITERS)
        ]
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    run.refresh_from_db()
    assert sorted(message.text for message in run.messages.all()) == [f"step {w}" for w in range(WRITERS)]
    assert [message.position for message in run.messages.in_order()] == list(range(WRITERS))
    assert run.total_tokens == session.total_tokens == WRITERS * 11


def test_edits_deletions_and_appends_at_once_leave_true_counts():
    session = factories.SessionFactory(messages=[{"role": "user", "content": f"m{n}"} for n in range(6)])
    runs = [factories.RunFactory(session=session, messages=[{"role": "user", "content": "r"}]) for _ in range(3)]
    rows = list(session.messages.filter(run=None).in_order())
    outcomes = together(
        lambda: [services.delete_message(message=row) for row in rows[:3]],
        lambda: [
            services.update_message(message=row, payload={"role": "user", "content": "edited"}) for row in rows[3:]
        ],
        lambda: [services.delete_run(run=run) for run in runs[:2]],
        lambda: [services.append_messages(session=session, messages=[said(f"n{n}", 5)]) for n in range(5)],
        lambda: services.update_run(run=runs[2], status="ERROR", usage={"input_tokens": 50}),
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    assert session.message_count == session.messages.count() == 3 + 5 + 1
    assert (session.run_count, session.error_count, session.last_run_status) == (1, 1, "ERROR")
    assert session.total_tokens == 5 * 6 + 50
    assert session.generated_title == "edited"


def test_whatever_comes_to_a_run_while_it_is_hidden_is_hidden(project):
    session = factories.SessionFactory(project=project)
    run = factories.RunFactory(session=session, run_id="r", messages=[said("first").payload], status="RUNNING")

    def append(number):
        return lambda: services.append_messages(
            session=Session.objects.get(pk=session.pk),
            messages=[NewMessage(said(f"secret {number}").payload, run=RunMetadata.objects.get(pk=run.pk))],
        )

    def finish():
        return services.update_run(run=RunMetadata.objects.get(pk=run.pk), content="secret", status="COMPLETED")

    def hide():
        return services.redact_run(run=RunMetadata.objects.get(pk=run.pk))

    outcomes = together(hide, finish, hide, *(append(number) for number in range(5)))
    assert failures(outcomes) == []
    run.refresh_from_db()
    assert (run.content, run.status, run.is_redacted) == ("[hidden]", "COMPLETED", True)
    assert {message.text for message in session.messages.all()} == {"[hidden]"}
    services.restore_run(run=run)
    assert run.content == "secret"
    texts = {message.text for message in session.messages.all()}
    assert texts == {"first", *(f"secret {number}" for number in range(5))}
    assert Session.objects.get().message_count == 6
