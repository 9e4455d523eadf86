"""Messages of any format as items of the Responses API."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import formats, jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.openai_responses import OpenAIResponses
from sessions_app.formats.response_items import render
from tests.formats.strategies import ANYTHING, PART_KEYS, PIECES

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
PNG = "data:image/png;base64,aGk="


def items(payload, format="openai.chat"):
    return render(formats.read(payload, format))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"role": "user", "content": "hello"}, [{"role": "user", "content": "hello"}]),
        ({"role": "system", "content": "Be kind."}, [{"role": "system", "content": "Be kind."}]),
        ({"role": "model", "content": "hi"}, [{"role": "assistant", "content": "hi"}]),
        ({"role": "assistant", "content": None}, [{"role": "assistant", "content": ""}]),
        (
            {"role": "assistant", "content": "I look.", "reasoning_content": "Hm.", "tool_calls": [CALL]},
            [
                {"role": "assistant", "content": "I look."},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
            ],
        ),
        (
            {"role": "tool", "tool_call_id": "c", "content": {"b": 2}},
            [{"type": "function_call_output", "call_id": "c", "output": '{"b": 2}'}],
        ),
        (
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "See"},
                    {"type": "image_url", "image_url": {"url": PNG}},
                    {"type": "image_url", "image_url": {"url": "https://e.com/a.png"}},
                    {"type": "file", "file": {"file_id": "file-1"}},
                    {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "mp3"}},
                    {"type": "hologram", "depth": 3},
                ],
            },
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "See"},
                        {"type": "input_image", "image_url": PNG},
                        {"type": "input_image", "image_url": "https://e.com/a.png"},
                        {"type": "input_file", "file_id": "file-1"},
                        {"type": "input_file", "file_data": "data:audio/mp3;base64,aGk="},
                        {"type": "input_text", "text": '{"type": "hologram", "depth": 3}'},
                    ],
                }
            ],
        ),
    ],
)
def test_messages(payload, expected):
    assert items(payload) == expected


@settings(max_examples=300, deadline=None)
@given(
    payload=st.dictionaries(st.sampled_from([*PART_KEYS, "role", "content", "tool_calls", "images"]), PIECES | ANYTHING)
)
def test_whatever_is_let_in_becomes_valid_items(payload):
    try:
        formats.get("openai.chat").check(payload)
        jsontext.dumps(payload)
    except InvalidValue:
        return
    found = items(payload)
    assert found
    for item in found:
        OpenAIResponses().check(item)
        json.dumps(item)
