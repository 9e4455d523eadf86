"""Where messages are found in a span, in newer and older conventions."""

from __future__ import annotations

import json

import pytest

from sessions_app.telemetry.content import messages_of
from tests.telemetry.traces import span, text

USER, TOLD = text("user", "Where?"), text("assistant", "Bern.")


def event(name, **attributes):
    return {"name": name, "attributes": {key.replace("__", "."): value for key, value in attributes.items()}}


def test_attributes_may_lie_in_an_event():
    details = event(
        "gen_ai.client.inference.operation.details",
        gen_ai__input__messages=json.dumps([USER]),
        gen_ai__output__messages=[TOLD],
    )
    assert messages_of(span(1, events=[details])) == ([USER], [TOLD])


def test_an_event_for_each_message():
    calls = [{"id": "c-1", "type": "function", "function": {"name": "track", "arguments": '{"parcel": 1}'}}]
    events = [
        event("gen_ai.system.message", content="Be kind."),
        event("gen_ai.user.message", gen_ai__event__content='{"content": "Where?"}'),
        event("gen_ai.assistant.message", tool_calls=json.dumps(calls)),
        event("gen_ai.tool.message", id="c-1", content="Bern"),
        event("gen_ai.choice", message='{"content": "Bern."}', finish_reason="stop", index=0),
    ]
    inputs, outputs = messages_of(span(1, events=events))
    assert [message["role"] for message in inputs] == ["system", "user", "assistant", "tool"]
    assert inputs[1] == USER
    assert inputs[2]["parts"] == [{"type": "tool_call", "id": "c-1", "name": "track", "arguments": {"parcel": 1}}]
    assert inputs[3]["parts"] == [{"type": "tool_call_response", "id": "c-1", "response": "Bern"}]
    assert outputs == [TOLD]


def test_numbered_attributes():
    numbered = {
        "prompt.0.role": "user",
        "prompt.0.content": "Where?",
        "prompt.1.role": "assistant",
        "prompt.1.tool_calls.0.id": "c-1",
        "prompt.1.tool_calls.0.name": "track",
        "prompt.1.tool_calls.0.arguments": '{"parcel": 1}',
        "completion.0.role": "assistant",
        "completion.0.content": "Bern.",
        "completion.0.finish_reason": "stop",
    }
    inputs, outputs = messages_of(span(1, gen_ai=numbered))
    assert (inputs[0], outputs) == (USER, [TOLD])
    assert inputs[1]["parts"] == [{"type": "tool_call", "id": "c-1", "name": "track", "arguments": {"parcel": 1}}]


def test_a_prompt_and_a_completion_whole():
    whole = [event("gen_ai.content.prompt", gen_ai__prompt='[{"role": "user", "content": "Where?"}]')]
    whole += [event("gen_ai.content.completion", gen_ai__completion="Bern.")]
    assert messages_of(span(1, events=whole)) == ([USER], [TOLD])
    assert messages_of(span(1, gen_ai={"prompt": "Where?", "completion": "Bern."})) == ([USER], [TOLD])


@pytest.mark.parametrize(
    "value", ["Where?", '["Where?"]', ["Where?"], {"content": "Where?"}, [{"role": "user", "parts": ["Where?"]}]]
)
def test_what_is_no_message_is_read_as_one(value):
    assert messages_of(span(1, gen_ai={"input.messages": value})) == ([USER], [])


ODD = [
    "[" * 9_000,
    '[{"role": 5}]',
    '{"parts": [5]}',
    "[null]",
    "[1e400]",
    '[{"role": ""}]',
    '[{"role": "user", "x": 1}]',
]


@pytest.mark.parametrize("value", ODD)
def test_nothing_is_too_odd(value):
    (message,), outputs = messages_of(span(1, gen_ai={"input.messages": value}))
    assert (message["role"], outputs) == ("user", [])
    assert message["parts"][0]["content"]


@pytest.mark.parametrize("value", ["", "[]", "{}", None, []])
def test_nothing_is_nothing(value):
    assert messages_of(span(1, gen_ai={"input.messages": value, "system_instructions": value})) == ([], [])


@pytest.mark.parametrize("given", ["Be kind.", '["Be kind."]', [{"type": "text", "content": "Be kind."}]])
def test_instructions(given):
    inputs, _ = messages_of(span(1, gen_ai={"system_instructions": given, "input.messages": [USER]}))
    assert inputs[1] == USER
    assert inputs[0]["role"] == "system"
    assert "Be kind." in json.dumps(inputs[0])
