"""One conversation, written in three ways, read through every wire: nothing is lost, and calls keep their answers."""

from __future__ import annotations

import json

import pytest

from sessions_app import documents, services
from sessions_app.models import Message, Session

PICTURE = "https://example.org/parcel.png"
PHOTO = "data:image/png;base64,aGVsbG8="
CHAT = [
    {"role": "system", "content": "Be kind."},
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Where are my parcels, Grüße\u2028日本?"},
            {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": PHOTO}},
            {"type": "file", "file": {"file_id": "file-1", "filename": "order.pdf"}},
        ],
    },
    {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Two parcels, so two calls.",
        "tool_calls": [
            {"id": "call-1", "type": "function", "function": {"name": "track", "arguments": '{"parcel": 1}'}},
            {"id": "call-2", "type": "function", "function": {"name": "weigh", "arguments": '{"parcel": 2}'}},
        ],
    },
    {"role": "tool", "tool_call_id": "call-2", "content": '{"grams": 300}'},
    {"role": "tool", "tool_call_id": "call-1", "content": "in Bern"},
    {"role": "assistant", "content": "In Bern."},
]
RESPONSES = [
    {"role": "system", "content": "Be kind."},
    {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Where are my parcels, Grüße\u2028日本?"},
            {"type": "input_image", "image_url": PICTURE, "detail": "low"},
            {"type": "input_image", "image_url": PHOTO},
            {"type": "input_file", "file_id": "file-1", "filename": "order.pdf"},
        ],
    },
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Two parcels, so two calls."}]},
    {"type": "function_call", "id": "fc-1", "call_id": "call-1", "name": "track", "arguments": '{"parcel": 1}'},
    {"type": "function_call", "id": "fc-2", "call_id": "call-2", "name": "weigh", "arguments": '{"parcel": 2}'},
    {"type": "function_call_output", "call_id": "call-2", "output": '{"grams": 300}'},
    {"type": "function_call_output", "call_id": "call-1", "output": "in Bern"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "In Bern."}]},
]
SUMMARY = {"summary": "Where parcels are."}
CALLS = {"call-1": ("track", {"parcel": 1}), "call-2": ("weigh", {"parcel": 2})}
RESULTS = {"call-1": "in Bern", "call-2": '{"grams": 300}'}


def through_our_api(client, project):
    client.post("/api/sessions", {"session_id": "s", "agent_id": "a", "summary": SUMMARY})
    assert client.post("/api/sessions/s/messages", CHAT).status_code == 201
    return CHAT


def through_services(client, project):
    agent = services.ensure_agent(project=project, agent_id="a")
    session = services.create_session(project=project, session_id="s", agent=agent, summary=SUMMARY)
    new = [services.NewMessage(item, "openai.responses") for item in RESPONSES]
    services.append_messages(session=session, messages=new)
    return RESPONSES


def through_a_document(client, project):
    documents.write(project, {"session_id": "s", "agent_id": "a", "summary": SUMMARY, "messages": CHAT})
    return CHAT


@pytest.fixture(params=[through_our_api, through_services, through_a_document], ids=lambda way: way.__name__)
def written(request, client, project):
    """The session under ``s``; the payloads that were written."""
    return request.param(client, project)


def test_the_store_keeps_what_came(written):
    stored = list(Message.objects.in_order())
    assert json.dumps([message.payload for message in stored]) == json.dumps(written)


def test_our_api_gives_it_back(client, written):
    rows = client.get("/api/sessions/s/messages").json()["results"]
    assert [row["payload"] for row in rows] == written


def test_llamacloud_shows_all_of_it(client, written):
    events = client.get("/api/v1/chat/s").json()["events"]
    assert [event["type"] for event in events] == [
        "user_input",
        "thinking",
        "tool_call",
        "tool_call",
        "tool_result",
        "tool_result",
        "text",
    ]
    assert events[0]["content"] == "Where are my parcels, Grüße\u2028日本?"
    assert events[0]["attachments"] == [
        {"type": "uri", "modality": "image", "uri": PICTURE},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGVsbG8="},
        {"type": "file", "modality": "document", "file_id": "file-1", "filename": "order.pdf"},
    ]
    assert events[1]["content"] == "Two parcels, so two calls."
    assert {each["call_id"]: (each["name"], each["arguments"]) for each in events[2:4]} == CALLS
    assert {each["call_id"]: each["result"] for each in events[4:6]} == RESULTS
    assert all(each["name"] == CALLS[each["call_id"]][0] for each in events[4:6])
    assert events[6]["content"] == "In Bern."


def test_agno_shows_all_of_it(client, written):
    history = client.get("/sessions/s?type=agent").json()["chat_history"]
    calls = [call for message in history for call in message.get("tool_calls", [])]
    shown = {call["id"]: (call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls}
    assert shown == CALLS
    results = [message for message in history if message["role"] == "tool"]
    assert {message["tool_call_id"]: message["content"] for message in results} == RESULTS
    reasoning = [message["reasoning_content"] for message in history if "reasoning_content" in message]
    assert reasoning == ["Two parcels, so two calls."]
    [asked] = [message for message in history if message["role"] == "user"]
    text = json.dumps(asked["content"], ensure_ascii=False)
    assert all(piece in text for piece in ("Where are my parcels", PICTURE, PHOTO, "file-1", "order.pdf"))
    assert history[-1]["content"] == "In Bern."


def test_lyzr_finds_it(client, written):
    assert client.get("/v1/sessions/s/summary").json() == {"summary": SUMMARY}
    assert client.get("/v1/agent/a/sessions").json() == {"sessions": ["s"]}


def test_reading_changes_nothing(client, written):
    before = Session.objects.values().get(), list(Message.objects.values())
    for url in ("/api/v1/chat/s", "/api/v1/chat/s/summary", "/api/v1/chat", "/sessions/s", "/v1/sessions/s/summary"):
        assert client.get(url).status_code == 200
    assert (Session.objects.values().get(), list(Message.objects.values())) == before


def test_what_llamacloud_wrote_is_read_everywhere(client, project):
    session_id = client.post("/api/v1/chat", {}).json()["session_id"]
    client.post(f"/api/v1/chat/{session_id}/messages/stream", {"index_ids": [], "prompt": "Hello"})
    [message] = client.get(f"/sessions/{session_id}").json()["chat_history"]
    assert (message["role"], message["content"]) == ("user", "Hello")
    [row] = client.get(f"/api/sessions/{session_id}/messages").json()["results"]
    assert row["payload"] == {"role": "user", "content": "Hello"}
    assert client.get(f"/v1/sessions/{session_id}/summary").json() == {"summary": {}}


class TestOfRunsThatKeepTheirTurnThemselves:
    """Some writers keep a turn's input, reasoning and content with the run, and no messages."""

    @pytest.fixture
    def silent(self, project):
        session = services.create_session(project=project, session_id="silent")
        details = {"reasoning_content": "They want it short."}
        services.record_run(session=session, run_id="r", input="Write a poem", content="Roses", details=details)
        return session

    def test_llamacloud_has_it_as_events(self, client, silent):
        events = client.get("/api/v1/chat/silent").json()["events"]
        assert [(event["type"], event.get("content")) for event in events[:3]] == [
            ("user_input", "Write a poem"),
            ("thinking", "They want it short."),
            ("text", "Roses"),
        ]

    @pytest.mark.parametrize("name", ["history", "conversation"])
    def test_lyzr_has_it_in_its_history(self, client, silent, name):
        items = client.get(f"/v1/sessions/silent/{name}").json()[name]
        assert [(item["role"], item["content"]) for item in items] == [("user", "Write a poem"), ("assistant", "Roses")]

    def test_reasoning_of_a_run_with_messages_comes_before_its_answer(self, client, silent):
        services.record_run(
            session=silent,
            run_id="spoken",
            messages=[services.NewMessage({"role": role, "content": role}) for role in ("user", "assistant")],
            details={"reasoning_content": "Hm."},
        )
        events = client.get("/api/v1/chat/silent").json()["events"][4:]
        assert [event["type"] for event in events] == ["user_input", "thinking", "text", "stop"]
