"""What was hidden is in no answer of any dialect, in no export and in no search, and comes back whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sessions_app import documents, exports, services
from sessions_app.formats import DEFAULT
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage
from tests.dialects import table

pytestmark = pytest.mark.django_db

SECRET = "My card is 4929-1111 \"quoted\"\nand the pin is ünïque"  # fmt: skip
WORDS = ["4929-1111", "ünïque", "\\u00fcn\\u00efque", "Vault", "b64b64b64b64", "IBAN-77"]
THOUGHT = "Vault door code: I must not say it"
USER = {"role": "user", "content": [{"type": "text", "text": SECRET}], "images": [{"content": "b64b64b64b64"}]}
CALL = {
    "role": "assistant",
    "content": None,
    "reasoning_content": THOUGHT,
    "tool_calls": [
        {"id": "c-1", "type": "function", "function": {"name": "look_up", "arguments": '{"iban": "IBAN-77"}'}}
    ],
}
ANSWER = {"role": "tool", "tool_call_id": "c-1", "content": '{"found": "IBAN-77"}'}
SAID = {"role": "assistant", "content": "All is well.", "metrics": {"input_tokens": 5, "output_tokens": 7}}
DETAILS = {
    "session_id": "s-1",
    "events": [
        {"event": "RunContent", "content": SECRET[:9]},
        {"event": "RunContent", "content": SECRET[9:30]},
        {"event": "RunContent", "content": SECRET[30:]},
        {"event": "ToolCall", "tool": {"tool_call_id": "c-1", "tool_args": {"iban": "IBAN-77"}}},
    ],
    "member_responses": [{"input": {"input_content": f"<task>{SECRET}</task>"}, "content": {"found": "IBAN-77"}}],
    "additional_input": json.dumps({"again": SECRET}),
    "reasoning_steps": [{"title": "Think", "reasoning": THOUGHT}],
}
ITEMS = [
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": SECRET}]},
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": THOUGHT}], "encrypted_content": "x"},
    {"type": "function_call", "call_id": "c-2", "name": "look_up", "arguments": '{"iban": "IBAN-77"}'},
    {"type": "function_call_output", "call_id": "c-2", "output": "IBAN-77"},
]
READS = [endpoint for endpoint in table.ENDPOINTS if endpoint.method == "get"]
SEARCHES = [
    table.Endpoint("get", "api/sessions", query="?q=4929-1111"),
    table.Endpoint("get", "sessions", query="?session_name=4929-1111"),
]


@pytest.fixture
def session(project):
    """The session that all endpoints find; its first turn, and what repeats it, holds the words."""
    agent = services.ensure_agent(project=project, agent_id=table.IDS["agent_id"])
    session = services.create_session(
        project=project, session_id="s-1", agent=agent, user_id=table.OWNER, metadata={"channel": "web"}
    )
    services.record_run(
        session=session,
        run_id="r-1",
        agent=agent,
        user_id=table.OWNER,
        messages=[NewMessage(payload) for payload in (USER, CALL, ANSWER, SAID)],
        input=SECRET,
        content={"reply": SECRET},
        error=f"Cannot answer: {SECRET}",
        details=DETAILS,
    )
    later = [{**USER, "from_history": True}, {"role": "system", "content": f"Before: {SECRET}."}]
    services.record_run(session=session, run_id="r-2", messages=[NewMessage(payload) for payload in later])
    services.append_messages(session=session, messages=[NewMessage(item, "openai.responses") for item in ITEMS])
    session.refresh_from_db()
    return session


def rows():
    """All that is stored, but for the clock and the revision."""
    sessions = list(Session.objects.order_by("pk").values())
    for row in sessions:
        del row["updated_at"], row["revision"]
    return sessions, list(Message.objects.order_by("pk").values()), list(RunMetadata.objects.order_by("pk").values())


def hide_all(session):
    for message in session.messages.in_order():
        if message.text != SAID["content"] and message.role != "system":
            services.redact_message(message=message)
    services.redact_message(message=session.messages.get(run__run_id="r-2", role="system"))


def everything_read(client, session):
    endpoints = [replace(each, query=each.query.replace("PARCEL", "").replace("?q=parcel", "")) for each in READS]
    for endpoint in endpoints:
        response = table.call(client, endpoint)
        assert response.status_code == 200, endpoint
        yield str(endpoint), b"".join(response) if response.streaming else response.content
    for position in session.messages.values_list("position", flat=True):
        url = f"/api/sessions/s-1/messages/{position}"
        yield url, client.get(url).content
    yield "document", json.dumps(documents.document_of(session), ensure_ascii=False).encode()
    messages = list(session.messages.in_order())
    yield "markdown", exports.markdown(session, messages).encode()
    yield "openai", json.dumps(exports.openai_messages(messages), ensure_ascii=False).encode()


def words_in(content):
    text = content.decode()
    return [word for word in WORDS if word in text]


def test_before_it_the_words_are_everywhere(client, session):
    read = dict(everything_read(client, session))
    found = {word for content in read.values() for word in words_in(content)}
    assert {"4929-1111", "Vault", "b64b64b64b64", "IBAN-77"} <= found
    assert sum(bool(words_in(content)) for content in read.values()) > 20
    for endpoint in SEARCHES:
        assert b"s-1" in table.call(client, endpoint).content


def test_hidden_messages_are_in_no_answer(client, session):
    hide_all(session)
    session.refresh_from_db()
    for name, content in everything_read(client, session):
        assert words_in(content) == [], name
    for endpoint in SEARCHES:
        assert b"s-1" not in table.call(client, endpoint).content


def test_a_hidden_run_is_in_no_answer(client, session):
    for run in session.runs.all():
        services.redact_run(run=run)
    for message in session.messages.filter(run=None):
        services.redact_message(message=message)
    session.refresh_from_db()
    for name, content in everything_read(client, session):
        assert words_in(content) == [], name


def test_one_hidden_message_takes_its_words_from_all_rows(client, session):
    services.redact_message(message=session.messages.in_order().first())
    session.refresh_from_db()
    for name, content in everything_read(client, session):
        assert "4929-1111" not in content.decode(), name
    assert session.generated_title == "[hidden]"


def test_restoring_gives_back_what_was_there(session):
    before = rows()
    hide_all(session)
    for run in session.runs.all():
        services.redact_run(run=run)
    assert rows() != before
    for run in session.runs.all():
        services.restore_run(run=run)
    for message in session.messages.all():
        services.restore_message(message=message)
    assert rows() == before


def test_calls_and_answers_still_match_on_every_wire(client, session):
    hide_all(session)
    payloads = list(session.messages.in_order().values_list("payload", flat=True))
    assert payloads[1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c-1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}],
    }
    assert payloads[2] == {"role": "tool", "tool_call_id": "c-1", "content": "[hidden]"}
    assert payloads[-2] == {"type": "function_call", "call_id": "c-2", "name": "look_up", "arguments": "{}"}
    assert payloads[-1] == {"type": "function_call_output", "call_id": "c-2", "output": "[hidden]"}
    events = [event for event in client.get("/api/v1/chat/s-1").json()["events"] if event["type"].startswith("tool_")]
    assert {event["call_id"] for event in events} == {"c-1", "c-2"}
    for message in session.messages.all():
        services.messages.build_messages([NewMessage(message.payload, message.format or DEFAULT)])


def test_a_client_cannot_write_a_hidden_message_back(client, session):
    message = session.messages.in_order().first()
    services.redact_message(message=message)
    url = f"/api/sessions/s-1/messages/{message.position}"
    response = client.patch(url, {"payload": USER})
    assert response.status_code == 409
    assert "hidden" in response.json()["detail"]
    assert "4929" not in client.get(url).content.decode()
    assert client.delete(url).status_code == 204


def test_a_client_that_writes_a_hidden_run_back_reads_nothing_of_it(client, session):
    services.redact_run(run=session.runs.get(run_id="r-1"))
    url = "/api/sessions/s-1/runs/r-1"
    new = {"content": f"New: {SECRET}", "details": DETAILS, "status": "CANCELLED", "messages": [USER]}
    response = client.patch(url, new)
    assert response.status_code == 200
    assert words_in(response.content) == []
    assert response.json()["status"] == "CANCELLED"
    assert client.post("/api/sessions/s-1/runs", {"run_id": "r-1", "content": SECRET}).status_code == 200
    for again in (url, "/api/sessions/s-1/export", "/sessions/s-1/runs/r-1"):
        assert "4929" not in client.get(again).content.decode()
    services.restore_run(run=session.runs.get(run_id="r-1"))
    assert session.runs.get(run_id="r-1").content == f"New: {SECRET}"
