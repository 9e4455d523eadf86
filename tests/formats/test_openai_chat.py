"""OpenAI's chat completion messages, and what others add to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import Usage
from sessions_app.formats.openai_chat import OpenAIChat, render
from tests.formats.strategies import ANYTHING, PIECES

CHAT = OpenAIChat()


def read(**payload):
    payload = {"role": "user", **payload}
    CHAT.check(payload)
    return CHAT.read(payload)


def text(content):
    return {"type": "text", "content": content}


@pytest.mark.parametrize(
    ("payload", "location", "code"),
    [
        (None, (), "dict_type"),
        ([], (), "dict_type"),
        ("text", (), "dict_type"),
        ({}, ("role",), "missing"),
        ({"role": None}, ("role",), "string_type"),
        ({"role": ""}, ("role",), "string_type"),
        ({"role": 5}, ("role",), "string_type"),
        ({"role": ["user"]}, ("role",), "string_type"),
        ({"role": "x" * 65}, ("role",), "string_type"),
        ({"role": "a\x00"}, ("role",), "string_type"),
        ({"role": "\ud800"}, ("role",), "string_type"),
        ({"role": "user", "tool_calls": {}}, ("tool_calls",), "list_type"),
        ({"role": "user", "tool_calls": "x"}, ("tool_calls",), "list_type"),
        ({"role": "user", "tool_calls": [{}, None]}, ("tool_calls",), "list_type"),
    ],
)
def test_what_is_no_message_is_refused(payload, location, code):
    with pytest.raises(InvalidValue) as caught:
        CHAT.check(payload)
    assert (caught.value.location, caught.value.code) == (location, code)


@pytest.mark.parametrize(
    "role", ["user", "assistant", "system", "developer", "tool", "function", "model", "x" * 64, "é"]
)
def test_any_word_may_be_a_role(role):
    assert read(role=role).role == role


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("hello", [text("hello")]),
        (5, [text("5")]),
        (False, [text("false")]),
        ({"ä": 1}, [text('{\n  "ä": 1\n}')]),
        (["a", {"type": "text", "text": "b"}], [text("a"), text("b")]),
        ([{"type": "input_text", "text": "a"}, {"type": "output_text", "text": "b"}], [text("a"), text("b")]),
        ([{"type": "text", "text": {"value": "a"}}], [text('{"value": "a"}')]),
        ([{"type": "text"}], [text("")]),
        ([{"type": "refusal", "refusal": "no"}], [text("no")]),
        ([5, None, ["x"]], [text("5"), text("null"), text('["x"]')]),
        (
            [{"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}],
            [{"type": "uri", "modality": "image", "uri": "https://example.com/a.png"}],
        ),
        (
            [{"type": "image_url", "image_url": "https://example.com/a.png"}],
            [{"type": "uri", "modality": "image", "uri": "https://example.com/a.png"}],
        ),
        (
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}],
            [{"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="}],
        ),
        ([{"type": "image_url"}], [{"type": "uri", "modality": "image", "uri": ""}]),
        (
            [{"type": "input_image", "image_url": "https://example.com/a.png"}],
            [{"type": "uri", "modality": "image", "uri": "https://example.com/a.png"}],
        ),
        (
            [{"type": "input_image", "file_id": "f1"}],
            [{"type": "file", "modality": "image", "file_id": "f1"}],
        ),
        (
            [{"type": "input_audio", "input_audio": {"data": "aGk=", "format": "mp3"}}],
            [{"type": "blob", "modality": "audio", "mime_type": "audio/mp3", "content": "aGk="}],
        ),
        (
            [{"type": "input_audio", "input_audio": {"data": "aGk="}}],
            [{"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "aGk="}],
        ),
        ([{"type": "input_audio", "input_audio": 5}], [{"type": "input_audio", "input_audio": 5}]),
        (
            [{"type": "file", "file": {"file_id": "f1", "filename": "a.pdf"}}],
            [{"type": "file", "modality": "document", "file_id": "f1", "filename": "a.pdf"}],
        ),
        (
            [{"type": "file", "file": {"file_data": "data:application/pdf;base64,aGk=", "filename": "a.pdf"}}],
            [{"type": "blob", "modality": "document", "mime_type": "application/pdf", "content": "aGk="}],
        ),
        (
            [{"type": "input_file", "file_url": "https://example.com/a.pdf"}],
            [{"type": "uri", "modality": "document", "uri": "https://example.com/a.pdf"}],
        ),
        ([{"type": "thinking", "thinking": "hm"}], [{"type": "thinking", "thinking": "hm"}]),
        ([{"a": 1}], [{"type": "unknown", "a": 1}]),
        ([{"type": ["text"], "a": 1}], [{"type": "unknown", "a": 1}]),
        ([{"type": {}}], [{"type": "unknown"}]),
        ([{"type": None}], [{"type": "unknown"}]),
        ([{"type": ""}], [{"type": "unknown"}]),
        ([{"type": "tool_call"}], [{"type": "unknown"}]),
        ([{"type": "tool_call", "id": 5, "name": "f"}], [{"type": "unknown", "id": 5, "name": "f"}]),
        ([{"type": "uri", "modality": "image"}], [{"type": "unknown", "modality": "image"}]),
        ([{"type": "reasoning", "content": "hm"}], [{"type": "reasoning", "content": "hm"}]),
    ],
)
def test_content(content, parts):
    assert read(content=content).parts == parts


def test_content_may_be_missing():
    assert read().parts == []


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ("", {}),
        ("5", 5),
        ("null", None),
        ('{"a": ', '{"a": '),
        ("not json", "not json"),
        ("NaN", "NaN"),
        ('{"a": 1e400}', '{"a": 1e400}'),
        ("[" * 257 + "]" * 257, "[" * 257 + "]" * 257),
        ("[" * 100_000, "[" * 100_000),
        ("9" * 5000, "9" * 5000),
        ({"a": 1}, {"a": 1}),
        (None, None),
        ([1], [1]),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_tool_calls(given, arguments):
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": given}}]
    expected = [text("x"), {"type": "tool_call", "id": "c1", "name": "f", "arguments": arguments}]
    assert read(role="assistant", content="x", tool_calls=calls).parts == expected


@pytest.mark.parametrize(
    ("call", "part"),
    [
        ({}, {"id": "", "name": "", "arguments": None}),
        ({"id": 5, "function": None}, {"id": "5", "name": "", "arguments": None}),
        ({"name": "f", "arguments": "{}"}, {"id": "", "name": "f", "arguments": {}}),
        ({"function": {"name": ["f"]}}, {"id": "", "name": '["f"]', "arguments": None}),
    ],
)
def test_odd_tool_calls(call, part):
    assert read(tool_calls=[call]).parts == [{"type": "tool_call", **part}]


def test_the_old_function_call():
    found = read(role="assistant", content=None, function_call={"name": "f", "arguments": '{"a": 1}'})
    assert found.parts == [{"type": "tool_call", "id": "", "name": "f", "arguments": {"a": 1}}]
    assert read(function_call="auto", tool_calls=None).parts == []


@pytest.mark.parametrize(
    ("content", "response", "shown"),
    [
        ("42", "42", "42"),
        (None, None, ""),
        ({"a": 1}, {"a": 1}, ""),
        ([{"type": "text", "text": "a"}, "b"], "a\nb", "a\nb"),
        ([], [], ""),
        (
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}],
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}],
            "",
        ),
        ([{"a": 1}], [{"a": 1}], ""),
        (5, 5, ""),
    ],
)
@pytest.mark.parametrize("role", ["tool", "function"])
def test_tool_results(role, content, response, shown):
    found = read(role=role, tool_call_id="c1", content=content, tool_name="f")
    assert found.parts == [{"type": "tool_call_response", "id": "c1", "name": "f", "response": response}]
    assert (found.tool_call_id, found.name, found.text) == ("c1", "f", shown)


def test_reasoning_goes_first():
    thought = {"type": "reasoning", "content": "hm"}
    assert read(role="assistant", content="a", reasoning_content="hm").parts == [thought, text("a")]
    assert read(role="assistant", content="a", reasoning="hm").parts == [thought, text("a")]
    assert read(role="assistant", content="a", reasoning={"effort": "low"}).parts == [text("a")]
    assert read(role="assistant", reasoning_content="hm").text == ""


@pytest.mark.parametrize(
    ("key", "modality"), [("images", "image"), ("audio", "audio"), ("videos", "video"), ("files", "document")]
)
def test_media_beside_the_content(key, modality):
    media = [
        {"url": "https://example.com/x", "mime_type": "a/b"},
        {"content": "aGk=", "mime_type": "a/b"},
        {"id": "f1", "filename": "x"},
        "https://example.com/y",
        5,
        {},
    ]
    assert read(**{key: media}).parts == [
        {"type": "uri", "modality": modality, "mime_type": "a/b", "uri": "https://example.com/x"},
        {"type": "blob", "modality": modality, "mime_type": "a/b", "content": "aGk="},
        {"type": "file", "modality": modality, "file_id": "f1", "filename": "x"},
        {"type": "uri", "modality": modality, "uri": "https://example.com/y"},
        {"type": "unknown", "content": 5},
        {"type": "file", "modality": modality, "file_id": ""},
    ]
    assert read(**{key: {"id": "not a list"}}).parts == []


def test_keys_that_others_add():
    found = read(
        name="Ann",
        metrics={"input_tokens": 1, "output_tokens": 2, "total_tokens": 9},
        usage={"input_tokens": 100},
        created_at=1735787045,
        from_history=True,
    )
    assert found.usage == Usage(1, 2, 9)
    assert found.created_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (found.name, found.from_history) == ("Ann", True)
    assert read(usage={"prompt_tokens": 5}).usage == Usage(5, 0, 5)
    assert read(created_at="2025-01-02T03:04:05Z").created_at == found.created_at


@pytest.mark.parametrize("value", [None, 0, 1, "true", [], {}])
def test_only_true_is_from_history(value):
    assert read(from_history=value).from_history is False


KEYS = ["content", "tool_calls", "function_call", "reasoning_content", "reasoning", "tool_call_id", "name", "tool_name"]
KEYS += ["images", "audio", "videos", "files", "metrics", "usage", "created_at", "from_history"]
ROLES = st.sampled_from(["user", "assistant", "tool", "function"]) | ANYTHING


@settings(max_examples=600, deadline=None)
@given(payload=st.dictionaries(st.sampled_from(KEYS), PIECES, max_size=6), role=ROLES)
def test_what_is_let_in_can_be_read_and_rendered(payload, role):
    payload["role"] = role
    try:
        CHAT.check(payload)
        jsontext.dumps(payload)
    except InvalidValue:
        return
    before = json.dumps(payload)
    found = CHAT.read(payload)
    assert isinstance(found.text, str)
    assert (found.role, type(found.name), type(found.tool_call_id)) == (role, str, str)
    assert all(isinstance(part["type"], str) and part["type"] for part in found.parts)
    jsontext.dumps(found.parts)
    rendered = render(found)
    CHAT.check(rendered)
    jsontext.dumps(rendered)
    assert json.dumps(payload) == before
