"""Several loops, tasks and threads at once, callers who are cancelled, and callers in Django's own ways."""

from __future__ import annotations

import asyncio
import threading
import unittest
from collections import Counter
from itertools import chain

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync, sync_to_async
from django.db import transaction
from django.test import TestCase

from sessions_app import services
from sessions_app.models import Message, Project, RunMetadata, Session
from tests.adapters.openai_agents.sdk import (
    Agent,
    DjangoSession,
    Runner,
    ScriptedModel,
    assistant_message,
    loop_of_this_thread,
    said,
    store,
    wait_for,
)
from tests.together import WRITERS, all_of

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


async def write(session, writer):
    for round_ in range(ROUNDS):
        await session.add_items(said(f"{writer}/{round_}/a", f"{writer}/{round_}/b"))


def assert_all_there(session):
    contents = [item["content"] for item in wait_for(session.get_items())]
    assert sorted(contents) == sorted(f"{w}/{r}/{half}" for w in range(WRITERS) for r in range(ROUNDS) for half in "ab")
    assert all(
        contents[at].removesuffix("a") == contents[at + 1].removesuffix("b") for at in range(0, len(contents), 2)
    )
    for writer in range(WRITERS):
        mine = [content for content in contents if content.startswith(f"{writer}/")]
        assert mine == sorted(mine)
    assert list(Message.objects.in_order().values_list("position", flat=True)) == list(range(len(contents)))
    stored = Session.objects.get()
    assert (stored.message_count, stored.run_count) == (len(contents), len(contents) // 2)


@pytest.fixture(params=["one object", "one object each"])
def sessions(request):
    shared = DjangoSession("s")
    return [shared if request.param == "one object" else DjangoSession("s") for _ in range(WRITERS)]


def test_loops_in_several_threads_lose_nothing(sessions):
    all_of(*[lambda w=w: wait_for(write(sessions[w], w)) for w in range(WRITERS)])
    assert_all_there(sessions[0])


def test_tasks_on_one_loop_lose_nothing(sessions):
    async def all_at_once():
        await asyncio.gather(*[write(sessions[w], w) for w in range(WRITERS)])

    wait_for(all_at_once())
    assert_all_there(sessions[0])


def test_nothing_is_lost_with_djangos_own_settings_either(plain_sqlite):
    all_of(*[lambda w=w: wait_for(write(DjangoSession("s"), w)) for w in range(WRITERS)])
    assert_all_there(DjangoSession("s"))


def test_the_first_words_of_all_go_to_one_session_of_one_project():
    all_of(*[lambda w=w: wait_for(DjangoSession("s", agent_id="a").add_items(said(str(w)))) for w in range(WRITERS)])
    assert Project.objects.count() == 1
    assert Session.objects.get().message_count == WRITERS


def test_no_item_is_popped_twice():
    wait_for(DjangoSession("s").add_items(said(*map(str, range(40)))))

    async def pop_all():
        session, popped = DjangoSession("s"), []
        while (item := await session.pop_item()) is not None:
            popped.append(item["content"])
        return popped

    async def pop_in_tasks():
        return await asyncio.gather(pop_all(), pop_all())

    popped = chain.from_iterable(chain(*all_of(*[lambda: wait_for(pop_in_tasks()) for _ in range(4)])))

    assert Counter(popped) == Counter(map(str, range(40)))
    assert Session.objects.get().message_count == RunMetadata.objects.count() == 0


def test_adding_popping_and_clearing_at_once_leave_true_counts():
    async def trouble(writer):
        session = DjangoSession("s")
        for round_ in range(ROUNDS):
            await session.add_items(said(f"{writer}/{round_}/a", f"{writer}/{round_}/b"))
            await session.pop_item()
            if writer == 0:
                await session.clear_session()

    all_of(*[lambda w=w: wait_for(trouble(w)) for w in range(4)])

    stored = Session.objects.get()
    assert stored.message_count == Message.objects.count() == len(wait_for(DjangoSession("s").get_items()))
    assert stored.run_count == RunMetadata.objects.count()


def test_adding_while_others_delete_the_session_keeps_whole_calls():
    def delete():
        for _ in range(10):
            services.delete_sessions(sessions=Session.objects.all())

    all_of(*[lambda w=w: wait_for(write(DjangoSession("s"), w)) for w in range(4)], delete)
    wait_for(DjangoSession("s").add_items(said("last", "word")))

    contents = [item["content"] for item in wait_for(DjangoSession("s").get_items())]
    assert contents[-2:] == ["last", "word"]
    assert len(contents) % 2 == 0
    assert Session.objects.get().message_count == len(contents) == Message.objects.count()


class TestWhoIsCancelled:
    """The work goes on to its end in its thread; then the caller hears that it was cancelled."""

    @pytest.fixture
    def slow(self, monkeypatch):
        """Makes a write stop in its midst, behind its first rows, until it is told to go on."""
        reached, go_on = threading.Event(), threading.Event()
        told = store._told

        def stop(*arguments):
            reached.set()
            assert go_on.wait(timeout=30)
            return told(*arguments)

        monkeypatch.setattr(store, "_told", stop)
        return reached, go_on

    def test_in_mid_write_all_or_nothing_is_there(self, slow):
        reached, go_on = slow
        session, many = DjangoSession("s"), said(*map(str, range(10)))

        async def cancel():
            task = asyncio.create_task(session.add_items(many))
            await asyncio.to_thread(reached.wait, 30)
            for _ in range(3):
                task.cancel()
                await asyncio.sleep(0.01)
            assert not task.done()
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await session.get_items()

        assert wait_for(cancel()) == many

    def test_and_the_write_fails_nothing_is_there(self, slow):
        reached, go_on = slow
        session = DjangoSession("s")

        async def cancel():
            task = asyncio.create_task(session.add_items([*said("a"), "no item"]))
            await asyncio.to_thread(reached.wait, 30)
            task.cancel()
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await session.get_items()

        assert wait_for(cancel()) == []

    def test_at_any_moment_whole_calls_are_there(self):
        session = DjangoSession("s")

        async def cancel():
            for number in range(30):
                task = asyncio.create_task(session.add_items(said(f"{number}a", f"{number}b")))
                await asyncio.sleep(number / 3000)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            return [item["content"] for item in await session.get_items()]

        contents = wait_for(cancel())
        assert [content[-1] for content in contents] == ["a", "b"] * (len(contents) // 2)

    def test_a_timeout_is_one(self, slow):
        _, go_on = slow

        async def time_out():
            asyncio.get_running_loop().call_later(0.1, go_on.set)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(DjangoSession("s").add_items(said("a")), timeout=0.01)

        wait_for(time_out())
        assert wait_for(DjangoSession("s").get_items()) == said("a")


class TestCallersOfDjango:
    def test_a_loop_that_was_closed_leaves_nothing_behind(self):
        session = DjangoSession("s")
        for number in range(3):
            loop = asyncio.new_event_loop()
            loop.run_until_complete(session.add_items(said(str(number))))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
        assert [item["content"] for item in wait_for(session.get_items())] == ["0", "1", "2"]

    def test_async_to_sync_works_in_the_callers_transaction(self):
        session = DjangoSession("s")
        with transaction.atomic():
            async_to_sync(session.add_items)(said("a", "b"))
            assert Message.objects.count() == 2
            assert async_to_sync(session.pop_item)() == said("a", "b")[1]
            transaction.set_rollback(True)
        assert not Session.objects.exists()

    def test_run_sync_works_wherever_a_sync_view_runs(self):
        """In the one thread of a request under ASGI, and beneath async_to_sync: neither may wait for itself."""

        def view():
            agent = Agent(name="A", model=ScriptedModel([[assistant_message("Hi")]]))
            with loop_of_this_thread():
                return Runner.run_sync(agent, "Hello", session=DjangoSession("s")).final_output

        async def request():
            async with ThreadSensitiveContext():
                return await asyncio.wait_for(sync_to_async(view)(), timeout=30)

        assert wait_for(request()) == "Hi"
        assert async_to_sync(request)() == "Hi"
        assert len(wait_for(DjangoSession("s").get_items())) == 4


def test_it_works_inside_djangos_async_tests():
    class Example(TestCase):
        async def test_it(self):
            session = DjangoSession("s")
            await session.add_items(said("a"))
            assert await session.get_items() == said("a")
            assert await Message.objects.acount() == 1

    result = unittest.TestResult()
    unittest.TestSuite([Example("test_it")]).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])
