from __future__ import annotations

import pytest

from sessions_app import formats, services
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import openai_chat
from sessions_app.models import Message

FORMAT = "otel.genai"


def parts(*given, role="user", **more):
    return {"role": role, "parts": list(given), **more}


def read(*given, **more):
    return formats.read(parts(*given, **more), FORMAT)


@pytest.mark.parametrize(
    ("payload", "location"),
    [
        (5, ()),
        ({}, ("role",)),
        ({"role": "user"}, ("parts",)),
        ({"role": "user", "parts": "x"}, ("parts",)),
        ({"role": "", "parts": []}, ("role",)),
        ({"role": "user", "parts": [{"type": "text"}, 5]}, ("parts", 1)),
        ({"role": "user", "parts": [{}]}, ("parts", 0)),
        ({"role": "user", "parts": [{"type": 5}]}, ("parts", 0)),
    ],
)
def test_what_is_no_message_is_refused(payload, location):
    with pytest.raises(InvalidValue) as caught:
        formats.get(FORMAT).check(payload)
    assert caught.value.location == location


def test_words_and_calls_are_read():
    reading = read(
        {"type": "reasoning", "content": "Hm."},
        {"type": "text", "content": "I look."},
        {"type": "tool_call", "id": "c-1", "name": "track", "arguments": '{"parcel": 1}'},
        role="assistant",
        name="Ada",
        finish_reason="tool_call",
    )
    assert (reading.role, reading.name, reading.text) == ("assistant", "Ada", "I look.")
    assert reading.parts[2] == {"type": "tool_call", "id": "c-1", "name": "track", "arguments": {"parcel": 1}}


@pytest.mark.parametrize("key", ["response", "result"])
def test_an_answer_is_a_tools_whatever_its_role(key):
    reading = read({"type": "tool_call_response", "id": "c-1", key: {"city": "Bern"}}, role="user")
    assert (reading.role, reading.tool_call_id) == ("tool", "c-1")
    assert reading.parts == [{"type": "tool_call_response", "id": "c-1", "response": {"city": "Bern"}}]
    assert openai_chat.render(reading) == {"role": "tool", "content": '{"city": "Bern"}', "tool_call_id": "c-1"}


@pytest.mark.parametrize(
    ("part", "canonical"),
    [
        (
            {"type": "blob", "mime_type": "image/png", "data": "aGk="},
            {"type": "blob", "mime_type": "image/png", "modality": "image", "content": "aGk="},
        ),
        ({"type": "uri", "uri": "gs://x"}, {"type": "uri", "uri": "gs://x", "modality": "document"}),
        ({"type": "file", "modality": "audio", "file_id": "f"}, {"type": "file", "modality": "audio", "file_id": "f"}),
        ({"type": "uri"}, {"type": "unknown", "modality": "document"}),
        ({"type": "compaction", "content": 5}, {"type": "compaction", "content": 5}),
        ({"type": "tool_call"}, {"type": "tool_call", "id": "", "name": "", "arguments": None}),
        ({"type": "text", "content": ["x"]}, {"type": "text", "content": '["x"]'}),
    ],
    ids=lambda value: value["type"],
)
def test_other_parts(part, canonical):
    (found,) = read(part).parts
    assert {key: value for key, value in found.items() if key != "data"} == canonical


def test_it_comes_back_as_it_was(project):
    session = services.create_session(project=project)
    payload = parts({"type": "text", "content": "Grüße\x00"}, {"type": "odd", "x": [1.0, None]}, finish_reason="stop")
    services.append_messages(session=session, messages=[services.NewMessage(payload, FORMAT)])
    row = Message.objects.get()
    assert (row.payload, row.format, row.text) == (payload, FORMAT, "Grüße\ufffd")


TEXT, IMAGE = {"type": "text", "content": "old", "x": 1}, {"type": "uri", "modality": "image", "uri": "u"}
ANSWER = {"type": "tool_call_response", "id": "c", "result": "old"}


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ([], [{"type": "text", "content": "new"}]),
        ([IMAGE, TEXT, TEXT], [IMAGE, {**TEXT, "content": "new"}]),
        ([ANSWER], [{"type": "tool_call_response", "id": "c", "response": "new"}]),
    ],
)
def test_another_text(given, changed):
    payload = formats.with_text(parts(*given, role="tool"), FORMAT, "new")
    assert payload == parts(*changed, role="tool")
    assert formats.read(payload, FORMAT).text == "new"


def test_another_role():
    assert formats.with_role(parts(TEXT), FORMAT, "assistant") == parts(TEXT, role="assistant")
