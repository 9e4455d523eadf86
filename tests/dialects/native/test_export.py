from __future__ import annotations

import pytest

from sessions_app import documents, services
from tests import factories

USER = {"role": "user", "content": "Where is my parcel?"}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id":17}'}}],
}
TOOL = {"role": "tool", "tool_call_id": "c1", "content": '{"day": "Friday"}', "odd": ["\x00", 2**70]}
ANSWER = {"role": "assistant", "content": "On **Friday**."}
ITEM = {"type": "function_call", "call_id": "c2", "name": "thank", "arguments": "{}"}


@pytest.fixture
def session(project):
    agent = services.ensure_agent(project=project, agent_id="support", name="Support", model={"id": "gpt-4o"})
    session = services.create_session(
        project=project,
        session_id="s",
        agent=agent,
        user_id="maria",
        metadata={"channel": "web"},
        state={"step": [1, "\ud83d"]},
        summary={"summary": "A parcel."},
        tags=["vip", "parcel"],
        index_ids=["i"],
        shared_access="query",
        details={"x": 1},
    )
    factories.RunFactory(
        session=session, run_id="r-1", agent=agent, messages=[USER, CALL, TOOL, ANSWER], usage={"input_tokens": 5}
    )
    factories.RunFactory(session=session, run_id="r-2", parent_run_id="r-1", messages=[ANSWER], status="ERROR")
    factories.RunFactory(session=session, run_id="r-3", messages=[{**USER, "from_history": True}])
    services.append_messages(session=session, messages=[services.NewMessage(ITEM, "openai.responses")])
    return session


@pytest.mark.parametrize("query", ["", "?as=json", "?as="])
def test_json_is_what_import_takes(client, session, query):
    response = client.get(f"/api/sessions/s/export{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    exported = response.json()
    assert exported == documents.document_of(session)

    other = factories.APIKeyFactory()
    _, outcome = documents.write(other.project, exported)
    assert outcome is documents.Outcome.CREATED
    client.credentials(HTTP_X_API_KEY=other.secret)
    assert client.get("/api/sessions/s/export").json() == exported


def test_openai_is_the_conversation(client, session):
    response = client.get("/api/sessions/s/export?as=openai")
    call = {"id": "c2", "type": "function", "function": {"name": "thank", "arguments": "{}"}}
    assert response.json() == {
        "messages": [USER, CALL, TOOL, ANSWER, {"role": "assistant", "content": None, "tool_calls": [call]}]
    }


def test_markdown_is_for_people(client, session):
    services.update_session(session=session, updated_at=session.created_at)
    response = client.get("/api/sessions/s/export?as=markdown", HTTP_ACCEPT_LANGUAGE="de")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.content.decode() == MARKDOWN.format(session.created_at)


MARKDOWN = """\
# Where is my parcel?

- Session: `s`
- Agent: Support
- User: maria
- Created: {:%Y-%m-%d %H:%M:%S} UTC
- Messages: 7, tokens: 5

## User

Where is my parcel?

## Assistant

Calls `find` with

```json
{{
  "id": 17
}}
```

## Tool


```
{{"day": "Friday"}}
```

## Assistant

On **Friday**.

## Assistant (thank)

Calls `thank` with

```json
{{}}
```
"""


def test_an_empty_session(client, project):
    services.create_session(project=project, session_id="s")
    assert client.get("/api/sessions/s/export").json()["messages"] == []
    assert client.get("/api/sessions/s/export?as=openai").json() == {"messages": []}
    assert client.get("/api/sessions/s/export?as=markdown").content.startswith(b"# s\n\n- Session: `s`\n- Created: ")


ODD_CONTENTS = [
    None,
    5,
    True,
    {"a": 1},
    ["x", 5, None, {}, {"type": 5}],
    [{"type": "text"}, {"type": "text", "text": 5}],
    [{"type": "image_url", "image_url": 5}, {"type": "image_url", "image_url": {"url": None}}],
    [{"type": "input_audio", "input_audio": {}}, {"type": "input_audio", "input_audio": 5}],
    [
        {"type": "file"},
        {"type": "file", "file": {"file_data": "data:;base64,"}},
        {"type": "input_file", "file_url": "u"},
    ],
    [{"type": kind} for kind in ("reasoning", "tool_call", "tool_call_response", "uri", "blob", "unknown")],
    "\ud83d \x00 ``` # [x](javascript:alert(1)) <script>",
]


@pytest.mark.parametrize("content", ODD_CONTENTS, ids=ascii)
@pytest.mark.parametrize("role", ["user", "assistant", "tool", "function", "\u00e4"])
def test_whatever_was_taken_can_be_shown(client, role, content):
    odd_call = {"id": 5, "function": {"name": None, "arguments": "[" * 300}}
    message = {"role": role, "content": content, "tool_calls": [odd_call, {}], "images": [5, {"url": 5}], "name": []}
    item = {"type": "x_call_output", "output": content, "call_id": 5}
    url = "/api/sessions/s"
    assert client.post(f"{url}/messages?create=true", message).status_code == 201
    assert client.post(f"{url}/messages", {"payload": item, "format": "openai.responses"}).status_code == 201
    message = {**message, "type": "message"}
    assert client.post(f"{url}/messages", {"payload": message, "format": "openai.responses"}).status_code == 201
    for shown in (
        f"{url}/export",
        f"{url}/export?as=openai",
        f"{url}/export?as=markdown",
        "/sessions/s",
        f"{url}/messages",
    ):
        assert client.get(shown).status_code == 200


@pytest.mark.parametrize("query", ["as=xml", "as=JSON", "format=json", "as=json&x=1", "as=%00"])
def test_a_bad_parameter_is_422(client, session, query):
    response = client.get(f"/api/sessions/s/export?{query}")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][0] == "query"


@pytest.mark.parametrize("form", ["json", "openai", "markdown"])
def test_an_unknown_session_is_404(client, form):
    response = client.get(f"/api/sessions/s/export?as={form}")
    assert (response.status_code, response.json()) == (404, {"detail": "Session not found"})
