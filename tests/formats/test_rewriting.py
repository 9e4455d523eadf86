"""Payloads that people hide or edit stay valid in their format."""

from __future__ import annotations

import pytest

from sessions_app import formats
from sessions_app.exceptions import InvalidValue

CHAT, RESPONSES, OTEL = "openai.chat", "openai.responses", "otel.genai"
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"secret": 1}', "more": "secret"}}


@pytest.mark.parametrize(
    ("format", "payload", "shown"),
    [
        (CHAT, {"role": "user", "content": "secret"}, {"role": "user", "content": "[hidden]"}),
        (CHAT, {"role": "user"}, {"role": "user", "content": "[hidden]"}),
        (
            CHAT,
            {"role": "user", "content": [{"type": "text", "text": "secret"}], "images": ["secret"], "extra": "secret"},
            {"role": "user", "content": "[hidden]"},
        ),
        (
            CHAT,
            {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "secret"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
        ),
        (
            CHAT,
            {"role": "assistant", "content": "secret", "tool_calls": [{"id": "c", "name": "f", "arguments": {"a": 1}}]},
            {"role": "assistant", "content": "[hidden]", "tool_calls": [{"id": "c", "name": "f", "arguments": "{}"}]},
        ),
        (
            CHAT,
            {"role": "assistant", "function_call": {"name": "f", "arguments": "secret"}},
            {"role": "assistant", "content": "[hidden]", "function_call": {"name": "f", "arguments": "{}"}},
        ),
        (
            CHAT,
            {"role": "tool", "tool_call_id": "c", "tool_name": "f", "content": {"secret": 1}, "from_history": True},
            {"role": "tool", "tool_call_id": "c", "tool_name": "f", "content": "[hidden]", "from_history": True},
        ),
        (
            CHAT,
            {"id": ["secret"], "role": "user", "content": "x", "metrics": {"input_tokens": 3, "note": "secret"}},
            {"role": "user", "content": "[hidden]", "metrics": {"input_tokens": 3}},
        ),
        (
            OTEL,
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "secret"},
                    {"type": "text", "content": "secret", "more": "secret"},
                    {"type": "tool_call", "id": "c", "name": "f", "arguments": {"secret": 1}},
                ],
                "finish_reason": "stop",
                "more": "secret",
            },
            {
                "role": "assistant",
                "parts": [
                    {"type": "text", "content": "[hidden]"},
                    {"type": "tool_call", "id": "c", "name": "f", "arguments": {}},
                ],
                "finish_reason": "stop",
            },
        ),
        (
            OTEL,
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "result": "secret"}]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "[hidden]"}]},
        ),
        (
            OTEL,
            {"role": "user", "parts": [{"type": "blob", "modality": "image", "content": "secret"}]},
            {"role": "user", "parts": [{"type": "text", "content": "[hidden]"}]},
        ),
        (RESPONSES, {"role": "user", "content": "secret"}, {"role": "user", "content": "[hidden]"}),
        (
            RESPONSES,
            {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "secret"}]},
            {
                "type": "message",
                "id": "m",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "[hidden]", "annotations": []}],
            },
        ),
        (
            RESPONSES,
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "secret"}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "[hidden]"}]},
        ),
        (
            RESPONSES,
            {"type": "reasoning", "id": "r", "summary": [{"text": "secret"}], "encrypted_content": "secret"},
            {"type": "reasoning", "id": "r", "summary": []},
        ),
        (
            RESPONSES,
            {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "secret"},
            {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "[hidden]"},
        ),
        (
            RESPONSES,
            {"type": "web_search_call", "id": "w", "status": "completed", "action": {"query": "secret"}},
            {"type": "web_search_call", "id": "w", "status": "completed", "action": {}},
        ),
        (
            RESPONSES,
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "secret"}]},
            {"type": "function_call_output", "call_id": "c", "output": "[hidden]"},
        ),
        (RESPONSES, {"type": "their_own", "id": "x", "words": "secret"}, {"type": "their_own", "id": "x"}),
    ],
)
def test_a_hidden_payload_keeps_what_a_model_needs_and_no_words(format, payload, shown):
    hidden = formats.redacted(payload, format)
    assert hidden == shown
    formats.get(format).check(hidden)
    before, after = formats.read(payload, format), formats.read(hidden, format)
    assert (before.role, before.tool_call_id, before.usage) == (after.role, after.tool_call_id, after.usage)
    assert formats.redacted(hidden, format) == hidden


IMAGE = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}


@pytest.mark.parametrize(
    ("format", "payload", "content"),
    [
        (CHAT, {"role": "user", "content": "old"}, "new"),
        (CHAT, {"role": "assistant", "content": None, "tool_calls": [CALL]}, "new"),
        (CHAT, {"role": "user", "content": ["old", IMAGE, "more"]}, [{"type": "text", "text": "new"}, IMAGE]),
        (CHAT, {"role": "user", "content": [IMAGE]}, [IMAGE, {"type": "text", "text": "new"}]),
        (
            CHAT,
            {"role": "user", "content": [{"type": "text", "text": "old", "cache": 1}]},
            [{"type": "text", "text": "new", "cache": 1}],
        ),
        (
            CHAT,
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "old"}]},
            [{"type": "text", "text": "new"}],
        ),
        (
            RESPONSES,
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "old"}]},
            [{"type": "output_text", "text": "new"}],
        ),
        (
            RESPONSES,
            {"role": "user", "content": [{"type": "input_image", "image_url": "u"}]},
            [{"type": "input_image", "image_url": "u"}, {"type": "input_text", "text": "new"}],
        ),
    ],
)
def test_a_new_text_replaces_the_old_one_alone(format, payload, content):
    changed = formats.with_text(payload, format, "new")
    assert changed == {**payload, "content": content}
    assert formats.read(changed, format).text == "new"
    assert "new" not in str(payload), "the given payload stays as it is"


def test_an_output_takes_a_text_and_a_reasoning_does_not():
    output = {"type": "function_call_output", "call_id": "c", "output": {"a": 1}}
    assert formats.with_text(output, RESPONSES, "new") == {**output, "output": "new"}
    for change in (formats.with_text, formats.with_role):
        with pytest.raises(InvalidValue):
            change({"type": "reasoning", "summary": []}, RESPONSES, "new")


@pytest.mark.parametrize("format", [CHAT, RESPONSES])
def test_a_new_role_leaves_the_rest(format):
    payload = {"role": "user", "content": "x", "extra": 1}
    assert formats.with_role(payload, format, "developer") == {**payload, "role": "developer"}
