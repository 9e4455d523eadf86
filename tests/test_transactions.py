"""Which failures are tried again, and which go up."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction

from sessions_app import services, statements, transactions
from sessions_app.models import Message, Project, Session
from sessions_app.services import NewMessage
from sessions_app.statements import stored_row
from sessions_app.transactions import ATTEMPTS, atomic_write, is_conflict, write_in
from tests import factories
from tests.together import sqlite_is_locked


class DriverError(Exception):
    def __init__(self, *args, **attributes):
        super().__init__(*args)
        self.__dict__.update(attributes)


def failure(*args, **attributes):
    """What Django raises around a driver's error."""
    error = OperationalError(*args)
    error.__cause__ = DriverError(*args, **attributes)
    return error


CONFLICTS = {
    "postgresql serialization": lambda: failure("could not serialize", sqlstate="40001"),
    "postgresql deadlock": lambda: failure("deadlock detected", sqlstate="40P01"),
    "mariadb deadlock": lambda: failure(1213, "Deadlock found"),
    "mariadb lock wait": lambda: failure(1205, "Lock wait timeout exceeded"),
    "mariadb old snapshot": lambda: failure(1020, "Record has changed since last read"),
    "sqlite busy": lambda: failure("database is locked", sqlite_errorcode=sqlite3.SQLITE_BUSY),
    "sqlite busy snapshot": lambda: failure("database is locked", sqlite_errorcode=sqlite3.SQLITE_BUSY_SNAPSHOT),
    "sqlite locked": lambda: failure("table is locked", sqlite_errorcode=sqlite3.SQLITE_LOCKED),
}
OTHERS = {
    "postgresql lost connection": lambda: failure("gone", sqlstate="57P01"),
    "postgresql disk full": lambda: failure("full", sqlstate="53100"),
    "mariadb gone away": lambda: failure(2006, "Server has gone away"),
    "mariadb no table": lambda: failure(1146, "No such table"),
    "sqlite full": lambda: failure("database or disk is full", sqlite_errorcode=sqlite3.SQLITE_FULL),
    "sqlite no table": lambda: failure("no such table", sqlite_errorcode=sqlite3.SQLITE_ERROR),
    "nothing known": lambda: OperationalError(),
    "integrity": lambda: IntegrityError(1213),
    "programming": lambda: ProgrammingError(),
    "value": lambda: ValueError(1213),
}


@pytest.fixture
def waits(monkeypatch):
    """Makes waiting instant; holds how long each wait would have been."""
    waited = []
    monkeypatch.setattr(transactions.time, "sleep", waited.append)
    return waited


def failing(times, error):
    """A write that makes a project on each attempt, and fails ``times`` times after it did."""
    attempts = []

    @atomic_write
    def write():
        attempts.append(connection.in_atomic_block)
        Project.objects.create(name=f"attempt {len(attempts)}")
        if len(attempts) <= times:
            raise error()
        return "done"

    return write, attempts


@pytest.mark.parametrize("error", CONFLICTS.values(), ids=CONFLICTS.keys())
def test_it_knows_a_conflict(error):
    assert is_conflict(error())


@pytest.mark.parametrize("error", [OTHERS[name] for name in list(OTHERS)[:7]], ids=list(OTHERS)[:7])
def test_it_knows_what_is_none(error):
    assert not is_conflict(error())


@pytest.mark.django_db(transaction=True)
class TestOwnTransaction:
    @pytest.mark.parametrize("error", CONFLICTS.values(), ids=CONFLICTS.keys())
    def test_a_conflict_is_rolled_back_and_tried_again(self, waits, error):
        write, attempts = failing(2, error)
        assert write() == "done"
        assert attempts == [True, True, True]
        assert [project.name for project in Project.objects.all()] == ["attempt 3"]
        assert len(waits) == 2

    def test_the_database_may_be_named(self):
        assert write_in(connection.alias, lambda: connection.in_atomic_block)
        assert not connection.in_atomic_block

    @pytest.mark.parametrize("error", OTHERS.values(), ids=OTHERS.keys())
    def test_other_errors_go_up_at_once(self, waits, error):
        write, attempts = failing(1, error)
        with pytest.raises(type(error())):
            write()
        assert len(attempts) == 1
        assert waits == []
        assert not Project.objects.exists()

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's transaction modes")
    def test_a_second_attempt_in_sqlite_has_the_lock_before_it_reads(self, waits, plain_sqlite):
        was_free = []

        @atomic_write
        def write():
            Project.objects.exists()
            was_free.append(not sqlite_is_locked())
            if len(was_free) == 1:
                raise CONFLICTS["sqlite busy"]()

        write()
        assert was_free == [True, False]
        write()
        assert was_free == [True, False, True]

    def test_it_gives_up_in_the_end(self, waits):
        write, attempts = failing(ATTEMPTS, CONFLICTS["mariadb deadlock"])
        with pytest.raises(OperationalError):
            write()
        assert len(attempts) == ATTEMPTS
        assert len(waits) == ATTEMPTS - 1
        assert not Project.objects.exists()

    @pytest.mark.parametrize("error", CONFLICTS.values(), ids=CONFLICTS.keys())
    def test_inside_an_outer_transaction_it_goes_up(self, waits, error):
        write, attempts = failing(1, error)
        with pytest.raises(OperationalError), transaction.atomic():
            write()
        assert len(attempts) == 1
        assert waits == []


@pytest.fixture
def conflict_at_commit(monkeypatch, waits):
    """The first transaction to end is refused, as a Galera node does it: after all statements went well."""
    refused = []
    commit = connection.commit

    def refuse_once():
        if not refused:
            refused.append(True)
            raise failure(1213, "Deadlock found when trying to get lock")
        commit()

    def start():
        monkeypatch.setattr(connection, "commit", refuse_once)
        return refused

    return start


@pytest.mark.django_db(transaction=True)
class TestRefusedAtCommit:
    """Every write does the same on its second attempt."""

    @pytest.fixture
    def session(self):
        session = factories.SessionFactory(messages=[{"role": "user", "content": "outside"}])
        factories.RunFactory(session=session, run_id="r", messages=[{"role": "user", "content": "inside"}])
        return session

    def test_delete_message(self, session, conflict_at_commit):
        message = session.messages.get(run=None)
        refused = conflict_at_commit()
        services.delete_message(message=message)
        assert refused
        assert [message.text for message in session.messages.all()] == ["inside"]

    def test_delete_run(self, session, conflict_at_commit):
        run = session.runs.get()
        refused = conflict_at_commit()
        services.delete_run(run=run)
        assert refused
        assert not session.runs.exists()
        assert [message.text for message in session.messages.all()] == ["outside"]

    def test_delete_agent(self, session, conflict_at_commit):
        agent = factories.AgentFactory()
        refused = conflict_at_commit()
        services.delete_agent(agent=agent)
        assert refused
        assert not type(agent).objects.filter(agent_id=agent.agent_id).exists()

    def test_delete_sessions(self, session, conflict_at_commit):
        refused = conflict_at_commit()
        assert services.delete_sessions(sessions=Session.objects.all()) == 1
        assert refused
        assert not Session.objects.exists()

    def test_append(self, session, conflict_at_commit):
        refused = conflict_at_commit()
        services.append_messages(session=session, messages=[NewMessage({"role": "user", "content": "new"})])
        assert refused
        assert [message.position for message in session.messages.in_order()] == [0, 1, 2]

    def test_record_and_update_run(self, session, conflict_at_commit):
        refused = conflict_at_commit()
        run, created = services.record_run(
            session=session, run_id="s", messages=[NewMessage({"role": "user", "content": "new"})], usage={}
        )
        assert (bool(refused), created) == (True, True)
        refused.clear()
        services.update_run(run=run, status="ERROR", usage={"input_tokens": 4})
        assert refused
        session.refresh_from_db()
        assert (session.run_count, session.error_count, session.total_tokens) == (2, 1, 4)

    def test_create_and_update_session(self, session, conflict_at_commit):
        refused = conflict_at_commit()
        services.create_session(project=session.project, session_id="new", tags=["a", "b"])
        assert refused
        new = Session.objects.with_id("new")
        assert sorted(tag.name for tag in new.tags.all()) == ["a", "b"]
        refused.clear()
        services.update_session(session=new, name="name", tags=["c"])
        assert refused
        new.refresh_from_db()
        assert (new.name, new.revision, [tag.name for tag in new.tags.all()]) == ("name", 1, ["c"])


@pytest.mark.django_db(transaction=True)
def test_a_write_that_fails_half_way_leaves_nothing(monkeypatch):
    session = factories.SessionFactory()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(statements, "follow", fail)  # When the rows are stored already.
    with pytest.raises(RuntimeError):
        services.append_messages(session=session, messages=[NewMessage({"role": "user", "content": "x"})])
    with pytest.raises(RuntimeError):
        services.record_run(session=session, run_id="r", messages=[NewMessage({"role": "user", "content": "x"})])
    assert not Message.objects.exists()
    assert not session.runs.exists()


@pytest.mark.parametrize(
    "first",
    [Session.objects.db_manager("there"), Session.objects.using("there"), stored_row(Session, "there", [])],
    ids=["manager", "queryset", "row"],
)
def test_it_writes_where_what_it_is_given_lies(first):
    assert transactions._database_of("text", first) == "there"


def test_the_wrapped_function_keeps_its_name_and_doc():
    assert services.append_messages.__name__ == "append_messages"
    assert services.append_messages.__doc__.startswith("Append to the end")
