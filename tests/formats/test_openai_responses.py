"""Items of OpenAI's Responses API."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import Usage
from sessions_app.formats.openai_chat import OpenAIChat, render
from sessions_app.formats.openai_responses import OpenAIResponses
from tests.formats.strategies import ANYTHING, KINDS, PART_KEYS, PIECES

RESPONSES = OpenAIResponses()


def read(payload):
    RESPONSES.check(payload)
    return RESPONSES.read(payload)


def text(content):
    return {"type": "text", "content": content}


@pytest.mark.parametrize(
    ("payload", "location"),
    [
        (None, ()),
        ([], ()),
        ("text", ()),
        ({}, ("role",)),
        ({"type": "message"}, ("role",)),
        ({"type": "message", "role": 5}, ("role",)),
        ({"type": None, "role": "user"}, ("type",)),
        ({"type": ""}, ("type",)),
        ({"type": ["message"]}, ("type",)),
        ({"type": 5}, ("type",)),
    ],
)
def test_what_is_no_item_is_refused(payload, location):
    with pytest.raises(InvalidValue) as caught:
        RESPONSES.check(payload)
    assert caught.value.location == location


@pytest.mark.parametrize(
    ("payload", "role", "parts"),
    [
        ({"role": "user", "content": "hello"}, "user", [text("hello")]),
        (
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]},
            "assistant",
            [text("hi")],
        ),
        (
            {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": "https://e.com/a"}]},
            "user",
            [{"type": "uri", "modality": "image", "uri": "https://e.com/a"}],
        ),
        (
            {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
            "assistant",
            [text("no")],
        ),
        (
            {
                "type": "reasoning",
                "id": "r",
                "summary": [{"type": "summary_text", "text": "a"}],
                "content": [{"text": "b"}],
            },
            "assistant",
            [{"type": "reasoning", "content": "a"}, {"type": "reasoning", "content": "b"}],
        ),
        (
            {"type": "reasoning", "encrypted_content": "x", "summary": None, "content": [5, {"text": 5}]},
            "assistant",
            [],
        ),
        (
            {"type": "function_call", "call_id": "c", "id": "i", "name": "f", "arguments": '{"a": 1}'},
            "assistant",
            [{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}],
        ),
        (
            {"type": "function_call", "call_id": 5, "name": {}, "arguments": "{broken"},
            "assistant",
            [{"type": "tool_call", "id": "", "name": "function", "arguments": "{broken"}],
        ),
        (
            {"type": "web_search_call", "id": "w", "action": {"query": "x"}},
            "assistant",
            [{"type": "tool_call", "id": "w", "name": "web_search", "arguments": {"query": "x"}}],
        ),
        (
            {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "plain"},
            "assistant",
            [{"type": "tool_call", "id": "c", "name": "f", "arguments": "plain"}],
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": "42"},
            "tool",
            [{"type": "tool_call_response", "id": "c", "response": "42"}],
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "a"}, "b"]},
            "tool",
            [{"type": "tool_call_response", "id": "c", "response": "a\nb"}],
        ),
        (
            {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_image", "file_id": "f"}]},
            "tool",
            [{"type": "tool_call_response", "id": "c", "response": '[{"type": "input_image", "file_id": "f"}]'}],
        ),
        (
            {"type": "computer_call_output", "call_id": "c", "output": {"type": "screenshot"}},
            "tool",
            [{"type": "tool_call_response", "id": "c", "response": {"type": "screenshot"}}],
        ),
        ({"type": "item_reference", "id": "x"}, "assistant", [{"type": "item_reference", "id": "x"}]),
        ({"id": "x"}, "assistant", [{"type": "item_reference", "id": "x"}]),
        ({"id": "x", "type": None}, "assistant", [{"type": "item_reference", "id": "x"}]),
        (
            {"type": "web_search_call", "id": "w", "status": "completed", "action": {"type": "search", "query": "q"}},
            "assistant",
            [{"type": "tool_call", "id": "w", "name": "web_search", "arguments": {"type": "search", "query": "q"}}],
        ),
        (
            {"type": "file_search_call", "id": "f", "queries": ["q"], "results": [{"text": "t"}]},
            "tool",
            [
                {"type": "tool_call", "id": "f", "name": "file_search", "arguments": {"queries": ["q"]}},
                {"type": "tool_call_response", "id": "f", "response": [{"text": "t"}]},
            ],
        ),
        (
            {"type": "file_search_call", "id": "f", "queries": ["q"], "results": None},
            "assistant",
            [{"type": "tool_call", "id": "f", "name": "file_search", "arguments": {"queries": ["q"]}}],
        ),
        (
            {"type": "code_interpreter_call", "id": "i", "code": "1 + 1", "outputs": [{"type": "logs", "logs": "2"}]},
            "tool",
            [
                {"type": "tool_call", "id": "i", "name": "code_interpreter", "arguments": {"code": "1 + 1"}},
                {"type": "tool_call_response", "id": "i", "response": [{"type": "logs", "logs": "2"}]},
            ],
        ),
        (
            {
                "type": "mcp_call",
                "id": "m",
                "server_label": "s",
                "name": "track",
                "arguments": '{"id": 1}',
                "output": "ok",
            },
            "tool",
            [
                {"type": "tool_call", "id": "m", "name": "track", "arguments": {"id": 1}},
                {"type": "tool_call_response", "id": "m", "response": "ok"},
            ],
        ),
        (
            {"type": "mcp_call", "id": "m", "name": "track", "arguments": "{}", "output": None, "error": "down"},
            "tool",
            [
                {"type": "tool_call", "id": "m", "name": "track", "arguments": {}},
                {"type": "tool_call_response", "id": "m", "response": "down"},
            ],
        ),
        (
            {
                "type": "image_generation_call",
                "id": "g",
                "status": "completed",
                "result": "aGk=",
                "output_format": "webp",
            },
            "assistant",
            [
                {"type": "tool_call", "id": "g", "name": "image_generation", "arguments": None},
                {"type": "blob", "modality": "image", "mime_type": "image/webp", "content": "aGk="},
            ],
        ),
        (
            {"type": "apply_patch_call", "call_id": "p", "operation": {"type": "delete_file", "path": "a"}},
            "assistant",
            [
                {
                    "type": "tool_call",
                    "id": "p",
                    "name": "apply_patch",
                    "arguments": {"type": "delete_file", "path": "a"},
                }
            ],
        ),
        (
            {"type": "program", "id": "p", "call_id": "c", "code": "f()"},
            "assistant",
            [{"type": "tool_call", "id": "c", "name": "program", "arguments": {"code": "f()"}}],
        ),
        (
            {"type": "program_output", "call_id": "c", "result": "1"},
            "tool",
            [{"type": "tool_call_response", "id": "c", "response": "1"}],
        ),
        (
            {"type": "mcp_approval_request", "id": "a", "name": "pay", "arguments": "{}", "server_label": "s"},
            "assistant",
            [{"type": "mcp_approval_request", "id": "a", "name": "pay", "arguments": "{}", "server_label": "s"}],
        ),
        (
            {"type": "compaction", "encrypted_content": "x"},
            "assistant",
            [{"type": "compaction", "encrypted_content": "x"}],
        ),
        ({"type": "text"}, "assistant", [{"type": "unknown"}]),
        ({"type": "tool_call"}, "assistant", [{"type": "tool_call", "id": "", "name": "tool", "arguments": None}]),
    ],
)
def test_items(payload, role, parts):
    found = read(payload)
    assert (found.role, found.parts) == (role, parts)


def test_beside_the_parts():
    found = read({"role": "user", "content": "a", "usage": {"input_tokens": 3}, "created_at": 0})
    assert (found.usage, found.created_at.year, found.name, found.tool_call_id) == (Usage(3, 0, 3), 1970, "", "")
    assert read({"type": "function_call_output", "call_id": "c", "output": "x"}).tool_call_id == "c"
    assert read({"type": "function_call", "call_id": "c", "name": "f"}).tool_call_id == ""


def test_a_hosted_call_is_a_chat_message_with_call_and_answer():
    item = {"type": "mcp_call", "id": "m", "name": "track", "arguments": '{"id": 1}', "output": "ok"}
    assert render(read(item)) == {
        "role": "tool",
        "tool_calls": [{"id": "m", "type": "function", "function": {"name": "track", "arguments": '{"id": 1}'}}],
        "content": "ok",
        "tool_call_id": "m",
        "name": "track",
    }


def test_an_answer_hidden_stays_an_answer():
    for item in ({"type": "program_output", "call_id": "c", "result": "secret"}, {"id": "x", "type": None}):
        hidden = RESPONSES.redacted(item)
        assert "secret" not in json.dumps(hidden)
        assert read(hidden).role == read(item).role


KEYS = [*PART_KEYS, "call_id", "output", "summary", "action", "input", "usage", "created_at", "role"]
ITEM_KINDS = [
    *KINDS,
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "web_search_call",
    "mcp_call_result",
]


@settings(max_examples=600, deadline=None)
@given(
    payload=st.dictionaries(st.sampled_from(KEYS), PIECES | st.sampled_from(["user", "tool"]), max_size=6),
    kind=st.sampled_from(ITEM_KINDS) | ANYTHING,
)
def test_what_is_let_in_can_be_read_and_rendered(payload, kind):
    payload["type"] = kind
    try:
        RESPONSES.check(payload)
        jsontext.dumps(payload)
    except InvalidValue:
        return
    before = json.dumps(payload)
    found = RESPONSES.read(payload)
    assert isinstance(found.text, str)
    assert (type(found.role), type(found.name), type(found.tool_call_id)) == (str, str, str)
    assert all(isinstance(part["type"], str) and part["type"] for part in found.parts)
    jsontext.dumps(found.parts)
    rendered = render(found)
    OpenAIChat().check(rendered)
    jsontext.dumps(rendered)
    assert json.dumps(payload) == before
