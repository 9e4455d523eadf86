"""The program of the documentation, run as pasted, and its session read through every wire."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sessions_app.models import Message, RunMetadata, Session
from tests.adapters.openai_agents import sdk

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "adapters" / "openai_agents.md").read_text()
[PROGRAM] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ASKED, ANSWERED = "Where is parcel A1?", "Your parcel is in Bern."

pytestmark = pytest.mark.django_db(transaction=True)


def run_program():
    with sdk.loop_of_this_thread():
        exec(compile(PROGRAM, "openai_agents.md", "exec"), {"__name__": "__main__"})


@pytest.fixture
def written(project, capsys):
    run_program()
    assert capsys.readouterr().out == f"{ANSWERED}\n"
    return Session.objects.get()


def test_the_program_is_short():
    assert len([line for line in PROGRAM.splitlines() if line.strip()]) < 20


def test_it_writes_one_run(written, project):
    run = RunMetadata.objects.get()
    assert (written.project, written.session_id, written.user_id, written.title) == (
        project,
        "support-17",
        "maria",
        ASKED,
    )
    assert (run.status, run.content, run.turns, run.agent.agent_id) == ("COMPLETED", ANSWERED, 2, "support")
    kinds = [message.payload.get("type", message.role) for message in Message.objects.in_order()]
    assert kinds == ["user", "function_call", "function_call_output", "message"]


def test_it_can_be_run_again(written):
    run_program()
    assert sdk.wait_for(sdk.DjangoSession("support-17").get_items(1))[0]["content"][0]["text"] == ANSWERED
    assert Session.objects.get().run_count == 2


def test_agno_reads_it(written, client):
    shown = client.get("/sessions/support-17?type=agent").json()
    assert (shown["agent_id"], shown["user_id"], shown["session_name"]) == ("support", "maria", ASKED)
    roles = [message["role"] for message in shown["chat_history"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    [call] = shown["chat_history"][1]["tool_calls"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("track", {"parcel": "A1"})
    assert (shown["chat_history"][2]["content"], shown["chat_history"][3]["content"]) == ("A1 is in Bern.", ANSWERED)
    [run] = client.get("/sessions/support-17/runs?type=agent").json()
    assert (run["run_input"], run["content"], run["status"], len(run["messages"])) == (ASKED, ANSWERED, "COMPLETED", 4)


def test_llamacloud_reads_it(written, client):
    events = client.get("/api/v1/chat/support-17").json()["events"]
    assert [event["type"] for event in events] == ["user_input", "tool_call", "tool_result", "text", "stop"]
    assert (events[0]["content"], events[3]["content"]) == (ASKED, ANSWERED)
    assert (events[1]["name"], events[1]["arguments"]) == ("track", {"parcel": "A1"})
    assert (events[2]["name"], events[2]["result"]) == ("track", "A1 is in Bern.")
    assert events[4]["usage"]["turns"] == 2


def test_lyzr_reads_it(written, client):
    for name in ("history", "conversation"):
        items = client.get(f"/v1/sessions/support-17/{name}").json()[name]
        assert [(item["role"], item["content"]) for item in items] == [("user", ASKED), ("assistant", ANSWERED)]
    assert client.get("/v1/agent/support/sessions").json() == {"sessions": ["support-17"]}
    logs = client.get("/v2/activities", {"session_id": "support-17", "user_id": "maria"}).json()
    assert any("track" in json.dumps(log) for log in (logs if isinstance(logs, list) else logs["activities"]))


def test_our_api_reads_it(written, client):
    rows = client.get("/api/sessions/support-17/messages").json()["results"]
    assert [row["payload"] for row in rows] == sdk.wait_for(sdk.DjangoSession("support-17").get_items())


def test_the_admin_shows_it(written, admin_client):
    listed = admin_client.get("/admin/sessions_app/session/").content.decode()
    assert ASKED in listed
    assert admin_client.get(f"/admin/sessions_app/session/{written.pk}/change/").status_code == 200
    said = admin_client.get("/admin/sessions_app/message/").content.decode()
    assert all(text in said for text in (ASKED, ANSWERED, "A1 is in Bern."))


HOSTED = [
    {"role": "user", "content": "Draw it, Grüße"},
    {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "x"},
    {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "parcel"}},
    {
        "type": "file_search_call",
        "id": "fs",
        "queries": ["parcel"],
        "results": [{"text": "found"}],
        "status": "completed",
    },
    {"type": "code_interpreter_call", "id": "ci", "code": "1 + 1", "outputs": None, "container_id": "c"},
    {"type": "image_generation_call", "id": "ig", "status": "completed", "result": "aGVsbG8="},
    {"type": "mcp_list_tools", "id": "ml", "server_label": "s", "tools": []},
    {"type": "mcp_call", "id": "mc", "server_label": "s", "name": "weigh", "arguments": '{"id": 1}', "output": "300 g"},
    {"type": "computer_call", "id": "cc", "call_id": "c1", "action": {"type": "click"}, "pending_safety_checks": []},
    {"type": "computer_call_output", "call_id": "c1", "output": {"type": "computer_screenshot", "image_url": "data:,"}},
    {"type": "local_shell_call", "id": "ls", "call_id": "c2", "action": {"type": "exec", "command": ["ls"]}},
    {"type": "local_shell_call_output", "id": "c2", "output": "a.txt"},
    {"id": "ig"},
    {"of the": "future"},
    {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "Drawn."}]},
]


def test_every_kind_of_item_is_read_everywhere(project, client, admin_client):
    sdk.wait_for(sdk.DjangoSession("s", agent_id="a", user_id="u").add_items(HOSTED))

    pages = ["/sessions/s?type=agent", "/sessions/s/runs?type=agent", "/api/v1/chat/s", "/v1/sessions/s/history"]
    pages += ["/v3/sessions/s/messages", "/api/sessions/s/messages", "/v2/activities?session_id=s&user_id=u"]
    pages += [f"/api/sessions/s/export?as={kind}" for kind in ("json", "markdown", "openai")]
    answers = {page: client.get(page) for page in pages}
    for message in Message.objects.all():
        page = f"/admin/sessions_app/message/{message.pk}/change/"
        answers[page] = admin_client.get(page)
    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(answers, 200)

    events = answers["/api/v1/chat/s"].json()["events"]
    called = [event["name"] for event in events if event["type"] == "tool_call"]
    names = ["web_search", "file_search", "code_interpreter", "image_generation", "weigh", "computer", "local_shell"]
    assert called == names
    assert {"300 g", "a.txt"} <= {event["result"] for event in events if isinstance(event.get("result"), str)}
    history = answers["/v1/sessions/s/history"].json()["history"]
    assert [item["content"] for item in history] == ["Draw it, Grüße", "Drawn."]
    shown = json.dumps(answers["/sessions/s?type=agent"].json()["chat_history"])
    assert all(f'"name": "{name}"' in shown for name in names)


def test_the_page_names_every_argument():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    code = sdk.DjangoSession.__init__.__code__
    assert named == {*code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]}
