"""Which messages can be shown without being read."""

from __future__ import annotations

import pytest

from sessions_app import formats, ready, services
from sessions_app.dialects.agno.history import READY
from sessions_app.models import Message
from tests import factories

WHOLE = {
    "id": "m",
    "content": "Where is it?",
    "from_history": False,
    "stop_after_tool_call": False,
    "role": "user",
    "created_at": 1757088000,
}


def bits(payload, format="openai.chat"):
    return ready.bits(payload, format, formats.read(payload, format))


@pytest.mark.parametrize(
    "payload",
    [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": [{"type": "text", "text": "hello"}], "metrics": {"input_tokens": 1}},
        {"role": "system", "content": "hello", "name": "x"},
    ],
)
def test_a_plain_message_is_its_text(payload):
    assert bits(payload) & ready.PLAIN


@pytest.mark.parametrize(
    "payload",
    [
        {"role": "user", "content": ""},
        {"role": "user", "content": None},
        {"role": "user", "content": "a\x00b"},
        {"role": "user", "content": "\ud800"},
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}]},
        {"role": "user", "content": "hello", "images": [{"url": "https://example.com/x.png"}]},
        {"role": "assistant", "content": "hello", "reasoning_content": "hm"},
        {"role": "assistant", "content": "hello", "tool_calls": [{"id": "c", "function": {"name": "f"}}]},
        {"role": "tool", "content": "42", "tool_call_id": "c"},
    ],
)
def test_any_other_has_more_to_it(payload):
    assert not bits(payload) & ready.PLAIN


@pytest.mark.parametrize(
    "changed", [{}, {"metrics": {"input_tokens": 1}}, {"tool_calls": [{"id": "c"}], "role": "assistant"}]
)
def test_agentos_shows_a_whole_message_as_it_lies(changed):
    assert bits(WHOLE | changed) & READY


@pytest.mark.parametrize(
    "changed",
    [
        {"content": None},
        {"images": []},
        {"metrics": {}},
        {"unknown": 1},
        {"id": 5},
        {"created_at": "2025-09-05"},
        {"created_at": 1.5},
        {"from_history": True},
        {"from_history": 0},
        {"stop_after_tool_call": 0},
        {"stop_after_tool_call": "yes"},
    ],
)
def test_and_reads_any_other(changed):
    assert not bits(WHOLE | changed) & READY


def test_and_one_of_another_format_or_with_less():
    assert not bits({"role": "user", "content": "hello"}) & READY
    assert not ready.bits(WHOLE, "json", formats.read(WHOLE, "openai.chat")) & READY


ODD = [
    {
        **WHOLE,
        "content": 'quotes " and \\ and \u2028 and \ud83d\ude00',
        "provider_data": {"big": 2**70, "nul": "\x00", "half": "\ud800"},
    },
    {**WHOLE, "content": "one", "extra": 1},
    {**WHOLE, "content": "again", "from_history": True},
    {"role": "assistant", "content": "plain"},
    {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "c", "content": "42"},
]


def test_wires_say_the_same_of_messages_that_nobody_marked(client, project):
    session = factories.SessionFactory(project=project, session_id="s", messages=ODD[:1])
    factories.RunFactory(session=session, messages=ODD[1:])
    urls = ["/sessions/s", "/sessions/s/runs", "/api/v1/chat/s"]
    marked = [client.get(url).json() for url in urls]
    assert {message.ready_for for message in Message.objects.all()} > {0}
    Message.objects.update(ready_for=0)
    assert [client.get(url).json() for url in urls] == marked
    assert len(marked[0]["chat_history"]) == len(ODD) - 1


def test_it_follows_the_payload(project):
    session = factories.SessionFactory(project=project, messages=[WHOLE])
    message = session.messages.get()
    assert message.ready_for == READY | ready.PLAIN
    services.update_message(message=message, payload={"role": "tool", "content": "42"})
    assert session.messages.get().ready_for == 0
    services.update_message(message=message, payload=WHOLE)
    services.redact_message(message=message)
    assert session.messages.get().ready_for == bits(session.messages.get().payload)
    services.restore_message(message=session.messages.get())
    assert session.messages.get().ready_for == READY | ready.PLAIN


def test_a_branch_keeps_it(project):
    session = factories.SessionFactory(project=project, messages=[WHOLE])
    branch = services.branch_session(session=session, position=0, session_id="branch")
    assert branch.messages.get().ready_for == READY | ready.PLAIN
