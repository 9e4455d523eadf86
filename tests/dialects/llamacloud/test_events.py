from __future__ import annotations

import pytest

from sessions_app import services
from tests import factories

URL = "/api/v1/chat/s"
CALL = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project, session_id="s")


@pytest.fixture
def events_of(client, session):
    """The events that these messages become."""

    def events_of(*payloads, format="openai.chat"):
        services.append_messages(
            session=session, messages=[services.NewMessage(payload, format) for payload in payloads]
        )
        return client.get(URL).json()["events"]

    return events_of


def said(text):
    return {"type": "text", "content": text}


def asked(text, **more):
    return {"type": "user_input", "content": text, **more}


def test_a_conversation(events_of):
    assert events_of(
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi", "reasoning_content": "A greeting."},
    ) == [asked("Hello"), {"type": "thinking", "content": "A greeting."}, said("Hi")]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ({"a": 1}, {"a": 1}),
        ("", {}),
        (None, {}),
        ("[1]", {"value": [1]}),
        ('"text"', {"value": "text"}),
        ("5", {"value": 5}),
        ("{not json", {"value": "{not json"}),
        ([1], {"value": [1]}),
    ],
)
def test_arguments_are_an_object_always(events_of, arguments, shown):
    call = {"id": "c", "function": {"name": "f", "arguments": arguments}}
    [event] = events_of({"role": "assistant", "content": None, "tool_calls": [call]})
    assert event == {"type": "tool_call", "call_id": "c", "name": "f", "arguments": shown}


@pytest.mark.parametrize("result", [None, "", "3", '{"hits": 3}', {"hits": 3}, 5])
def test_a_result_is_always_there_under_its_calls_name(events_of, result):
    answer = {"role": "tool", "tool_call_id": "c", "content": result}
    [_, event] = events_of({"role": "assistant", "tool_calls": [CALL]}, answer)
    assert event == {"type": "tool_result", "call_id": "c", "name": "search", "result": result}


def test_a_result_without_its_call(events_of):
    [event] = events_of({"role": "tool", "tool_call_id": "x", "content": "y"})
    assert event == {"type": "tool_result", "call_id": "x", "name": "", "result": "y"}


def test_what_comes_with_a_users_words_is_attached(events_of):
    image = {"type": "image_url", "image_url": {"url": "https://x.y/z.png"}}
    file = {"type": "file", "file": {"file_id": "f-1", "filename": "a.pdf"}}
    [event] = events_of({"role": "user", "content": [{"type": "text", "text": "See"}, image, file]})
    assert event == asked(
        "See",
        attachments=[
            {"type": "uri", "modality": "image", "uri": "https://x.y/z.png"},
            {"type": "file", "modality": "document", "file_id": "f-1", "filename": "a.pdf"},
        ],
    )


def test_what_an_agent_shows_is_attached_to_its_text(events_of):
    image = {"type": "image_url", "image_url": {"url": "https://x.y/z.png"}}
    attached = {"attachments": [{"type": "uri", "modality": "image", "uri": "https://x.y/z.png"}]}
    words = {"role": "assistant", "content": [{"type": "text", "text": "Here"}, image]}
    assert events_of(words, {"role": "assistant", "content": [image]}) == [
        {**said("Here"), **attached},
        {**said(""), **attached},
    ]


def test_an_empty_word_of_a_user_is_one(events_of):
    assert events_of({"role": "user", "content": ""}, {"role": "assistant", "content": None}) == [asked("")]


def test_a_message_given_once_more_is_not_shown(events_of):
    assert events_of({"role": "user", "content": "x", "from_history": True}) == []


def test_each_finished_run_ends_in_a_stop(client, session):
    words = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    usage = {"input_tokens": 5, "output_tokens": 7}
    factories.RunFactory(session=session, messages=words, usage=usage, duration_ms=1.5, turns=2)
    services.append_messages(session=session, messages=[services.NewMessage({"role": "user", "content": "outside"})])
    factories.RunFactory(session=session, messages=words[:1], status="ERROR", error="No model")
    factories.RunFactory(session=session, messages=words[:1], status="RUNNING")
    done = {"turns": 2, "total_input_tokens": 5, "total_output_tokens": 7, "duration_ms": 1.5}
    broken = {"turns": 1, "total_input_tokens": 0, "total_output_tokens": 0}
    assert client.get(URL).json()["events"] == [
        asked("a"),
        said("b"),
        {"type": "stop", "is_error": False, "error": None, "usage": done},
        asked("outside"),
        asked("a"),
        {"type": "stop", "is_error": True, "error": "No model", "usage": broken},
        asked("a"),
    ]


def test_a_run_without_messages_says_what_went_in_and_came_out(client, session):
    factories.RunFactory(session=session, input={"topic": "x"}, content="Done")
    factories.RunFactory(session=session, messages=[{"role": "user", "content": "next"}], status="RUNNING")
    first, second, third, fourth = client.get(URL).json()["events"]
    assert (first, second, third["type"], fourth) == (asked('{"topic": "x"}'), said("Done"), "stop", asked("next"))


def test_what_helpers_say_among_themselves_is_not_shown(client, session):
    words = [{"role": "user", "content": "inner"}]
    factories.RunFactory(session=session, run_id="outer", messages=[{"role": "user", "content": "outer"}])
    factories.RunFactory(session=session, parent_run_id="outer", messages=words)
    assert [event["type"] for event in client.get(URL).json()["events"]] == ["user_input", "stop"]


def test_it_costs_four_queries(client, session, django_assert_num_queries):
    for _ in range(10):
        factories.RunFactory(session=session, messages=[{"role": "user", "content": "a"}] * 3)
        factories.RunFactory(session=session, input="x", content="y")
    client.get(URL)
    with django_assert_num_queries(4):
        assert len(client.get(URL).json()["events"]) == 70
