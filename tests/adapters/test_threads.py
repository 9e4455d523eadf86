"""The ORM from anywhere."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction

from sessions_app.adapters import threads
from sessions_app.models import Project

NOTE = ContextVar("note", default="")


@threads.from_anywhere
def make(name):
    Project.objects.create(name=name)
    return threading.current_thread().name


@pytest.fixture(autouse=True)
def pool():
    yield
    threads.close()


@pytest.mark.django_db(transaction=True)
def test_a_synchronous_call_works_in_an_event_loop_and_in_threads():
    async def loop():
        return make("in a loop")

    with ThreadPoolExecutor(12) as pool:
        names = {*pool.map(make, map(str, range(30))), asyncio.run(loop())}

    assert Project.objects.count() == 31
    assert len(names) <= threads.THREADS
    assert all(name.startswith("agent-sessions") for name in names)


@pytest.mark.django_db
def test_a_call_in_a_transaction_belongs_to_it():
    with transaction.atomic():
        assert make("taken back") == threading.current_thread().name
        transaction.set_rollback(True)
    assert not Project.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_calls_within_calls_do_not_wait_for_each_other():
    nested = threads.in_background(make)

    async def many():
        return await asyncio.gather(*(nested(str(number)) for number in range(40)))

    asyncio.run(asyncio.wait_for(many(), 30))
    assert Project.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_call_is_finished():
    entered, leave = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Project.objects.create(name="one")
            entered.set()
            leave.wait(10)
            Project.objects.create(name="two")

    async def cancel():
        task = asyncio.create_task(threads.in_background(slow)())
        await asyncio.to_thread(entered.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        leave.set()

    asyncio.run(cancel())
    threads.close()
    assert Project.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_call_remembers_in_its_context_its_caller_knows():
    remember = threads.from_anywhere(lambda: NOTE.set("known"))
    remember()
    assert NOTE.get() == "known"

    async def later():
        await threads.in_background(lambda: NOTE.set("later"))()
        return NOTE.get()

    assert asyncio.run(later()) == "later"
    NOTE.set("")


@pytest.mark.django_db(transaction=True)
def test_a_call_is_made_once_more_where_the_connection_was_lost(monkeypatch):
    calls = []

    def fails_once():
        calls.append(Project.objects.count())
        if len(calls) == 1:
            monkeypatch.setattr(connection, "is_usable", lambda: False)
            raise OperationalError("server closed the connection unexpectedly")
        return "done"

    Project.objects.count()
    assert threads._surviving(fails_once) == "done"
    assert calls == [0, 0]


@pytest.mark.django_db(transaction=True)
def test_and_where_another_one_has_been_opened_since(monkeypatch):
    wrapper, calls = connections[DEFAULT_DB_ALIAS], []

    def fails_once():
        calls.append(wrapper.connection)
        if len(calls) == 1:
            monkeypatch.setattr(wrapper, "connection", wrapper.get_new_connection(wrapper.get_connection_params()))
            raise OperationalError("server closed the connection unexpectedly")
        return "done"

    wrapper.ensure_connection()
    assert threads._surviving(fails_once) == "done"
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_another_error_goes_up():
    def fails():
        raise OperationalError("disk full")

    with pytest.raises(OperationalError, match="disk full"):
        threads.from_anywhere(fails)()
