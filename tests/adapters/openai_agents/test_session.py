"""``DjangoSession`` by itself: the ``Session`` protocol, and what others wrote or hid in a session."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.adapters.openai_agents import sdk
from tests.adapters.openai_agents.sdk import DjangoSession, SessionSettings, said
from tests.adapters.openai_agents.sdk import in_transaction as wait_for

pytestmark = pytest.mark.django_db

ITEMS = [
    {"role": "user", "content": "Grüße, 日本 \ud800 \x00 \U0001f4e6"},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "x"},
    {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": []},
    {"type": "function_call", "call_id": "c", "name": "add", "arguments": '{"a": 1}', "id": "fc_1"},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "1"}]},
    {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,eA==", "detail": "auto"}]},
    {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"id": "msg_1", "type": None},
    {"id": "msg_1"},
    {"type": "message"},
    {"role": 5, "type": ["message"]},
    {"of the": {"future": [1.5, -0.0, 10**40, True, None, {}]}, "payload": {"role": "user"}},
    {},
]


def as_text(items):
    return json.dumps(items)


def test_it_fulfils_the_protocol():
    assert isinstance(DjangoSession("s"), sdk.Session)


def test_items_come_back_equal_and_in_order():
    session = DjangoSession("s")
    wait_for(session.add_items(ITEMS[:5]))
    wait_for(session.add_items(ITEMS[5:]))

    assert as_text(wait_for(session.get_items())) == as_text(ITEMS)
    assert as_text(wait_for(DjangoSession("s").get_items())) == as_text(ITEMS)


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, "abcd"), (2, "cd"), (4, "abcd"), (2**70, "abcd"), (0, ""), (-1, "abcd")]
)
def test_a_limit_gives_the_latest_in_order(limit, expected):
    session = DjangoSession("s")
    wait_for(session.add_items(said(*"abcd")))

    assert [item["content"] for item in wait_for(session.get_items(limit))] == list(expected)


@pytest.mark.parametrize("settings", [SessionSettings(limit=2), {"limit": 2}])
def test_settings_give_a_limit(settings):
    session = DjangoSession("s", session_settings=settings)
    wait_for(session.add_items(said(*"abcd")))

    assert session.session_settings == SessionSettings(limit=2)
    assert wait_for(session.get_items()) == said(*"abcd")[2:]
    assert wait_for(session.get_items(limit=3)) == said(*"abcd")[1:]


def test_order_is_by_position_and_not_by_time():
    """A reasoning item and its message, swapped, would be refused by the API."""
    session = DjangoSession("s")
    wait_for(session.add_items(ITEMS[:3]))
    for message, year in zip(Message.objects.in_order(), (2030, 2020, 2010), strict=True):
        Message.objects.filter(pk=message.pk).update(created_at=f"{year}-01-01T00:00:00Z")

    assert as_text(wait_for(session.get_items())) == as_text(ITEMS[:3])
    assert as_text(wait_for(session.get_items(2))) == as_text(ITEMS[1:3])
    assert wait_for(session.pop_item()) == ITEMS[2]


def test_pop_takes_the_latest_away():
    session = DjangoSession("s")
    assert wait_for(session.pop_item()) is None
    wait_for(session.add_items(said(*"abc")))

    assert [wait_for(session.pop_item())["content"] for _ in range(3)] == ["c", "b", "a"]
    assert wait_for(session.pop_item()) is None
    assert wait_for(session.get_items()) == []


def test_sessions_do_not_see_each_other():
    wait_for(DjangoSession("one").add_items(said("a")))
    wait_for(DjangoSession("two").add_items(said("b")))

    assert wait_for(DjangoSession("two").pop_item()) == said("b")[0]
    wait_for(DjangoSession("two").clear_session())
    assert wait_for(DjangoSession("one").get_items()) == said("a")


def test_reading_and_adding_nothing_make_no_session():
    session = DjangoSession("s")
    wait_for(session.add_items([]))
    wait_for(session.clear_session())

    assert (wait_for(session.get_items()), wait_for(session.pop_item())) == ([], None)
    assert not Session.objects.exists()


def test_clearing_keeps_what_is_known_of_the_session():
    session = DjangoSession("s", user_id="maria")
    wait_for(session.add_items(said("a", "b")))
    services.update_session(session=Session.objects.get(), name="Parcels", tags=["vip"], metadata={"a": 1})

    wait_for(session.clear_session())

    assert wait_for(session.get_items()) == []
    stored = Session.objects.get()
    assert (stored.name, stored.user_id, stored.metadata, stored.tags.count()) == ("Parcels", "maria", {"a": 1}, 1)
    assert (stored.message_count, stored.run_count, stored.generated_title, stored.last_run_status) == (0, 0, None, "")
    assert not Message.objects.exists()
    assert not RunMetadata.objects.exists()
    wait_for(session.add_items(said("c")))
    assert wait_for(session.get_items()) == said("c")


@pytest.mark.parametrize("bad", [["text"], [said("a")[0], 5], [{"role": "user", "content": float("nan")}]])
def test_what_is_no_json_object_is_refused_whole(bad):
    session = DjangoSession("s")
    with pytest.raises(InvalidValue):
        wait_for(session.add_items(bad))

    assert wait_for(session.get_items()) == []
    assert not Session.objects.exists()


@pytest.mark.parametrize("session_id", ["", "a" * 256, "a\x00b", "\ud800"])
def test_an_id_that_cannot_be_one_is_refused_at_once(session_id):
    with pytest.raises(InvalidValue):
        DjangoSession(session_id)


def test_the_cost_does_not_grow_with_the_session():
    session = DjangoSession("s", project=factories.ProjectFactory())

    def queries(call):
        with CaptureQueriesContext(connection) as captured:
            wait_for(call())
        return len(captured)

    def costs():
        asked, answered = said("a", "b")
        calls = (
            lambda: session.add_items([asked]),
            lambda: session.add_items([answered]),
            lambda: session.get_items(10),
        )
        return [queries(call) for call in calls]

    wait_for(session.add_items(said("a", "b")))
    small = costs()
    wait_for(session.add_items(said(*"abcdefgh") * 50))
    assert costs() == small
    assert small[2] == 2
    assert small[0] <= 7
    assert small[1] <= 15


class TestSharedWithOthers:
    CHAT = [
        {"role": "user", "content": "Where is it?"},
        {
            "role": "assistant",
            "content": "I look.",
            "reasoning_content": "Hm.",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "track", "arguments": '{"id": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "Bern"},
    ]

    @pytest.fixture
    def written(self, project):
        return factories.SessionFactory(project=project, session_id="s", messages=self.CHAT)

    def test_what_others_wrote_comes_as_items(self, written):
        call = {"type": "function_call", "call_id": "c", "name": "track", "arguments": '{"id": 1}'}
        items = [
            {"role": "user", "content": "Where is it?"},
            {"role": "assistant", "content": "I look."},
            call,
            {"type": "function_call_output", "call_id": "c", "output": "Bern"},
        ]
        assert wait_for(DjangoSession("s").get_items()) == items
        assert wait_for(DjangoSession("s").get_items(2)) == items[2:]

    def test_popping_takes_a_whole_message(self, written):
        session = DjangoSession("s")
        assert wait_for(session.pop_item())["output"] == "Bern"
        assert wait_for(session.pop_item())["type"] == "function_call"
        assert wait_for(session.get_items()) == [{"role": "user", "content": "Where is it?"}]

    def test_hidden_messages_come_as_hidden(self):
        session = DjangoSession("s")
        wait_for(session.add_items(said("my secret", "noted", "more")))
        services.redact_message(message=Message.objects.in_order().first())
        services.redact_message(message=Message.objects.in_order().last())

        assert wait_for(session.get_items()) == said("[hidden]", "noted", "[hidden]")
        assert wait_for(session.pop_item()) == {"role": "user", "content": "[hidden]"}
        wait_for(session.add_items(said("next")))
        assert wait_for(session.get_items()) == [*said("[hidden]", "noted"), *said("next")]

    def test_a_session_deleted_meanwhile_is_made_anew(self):
        session = DjangoSession("s")
        wait_for(session.add_items(said("a")))
        services.delete_sessions(sessions=Session.objects.all())
        assert wait_for(session.get_items()) == []
        wait_for(session.add_items(said("b")))
        assert wait_for(session.get_items()) == said("b")
