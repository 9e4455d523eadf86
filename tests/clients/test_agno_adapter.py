"""The program of ``docs/adapters/agno.md``, as pasted, with a model that a server on this machine plays."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.clients.conftest import ROOT

PAGE = (ROOT / "docs" / "adapters" / "agno.md").read_text()
CALL = {"id": "call-1", "type": "function", "function": {"name": "order_status", "arguments": '{"number": "17"}'}}


class Model(BaseHTTPRequestHandler):
    """A chat completions endpoint: asks for the tool once, then says what it said."""

    def do_POST(self):
        messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"]
        said = {"role": "assistant", "content": messages[-1]["content"]}
        if "order" in messages[-1]["content"] and messages[-1]["role"] == "user":
            said = {"role": "assistant", "content": None, "tool_calls": [CALL]}
        usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        self.answer(
            {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        )

    def answer(self, body):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def model_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_program_of_the_page_runs_and_every_wire_reads_its_session(live_site, model_url):
    pytest.importorskip("agno", reason="agno is not installed")
    [program] = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(program.splitlines()) < 20
    model = {
        "OPENAI_BASE_URL": model_url,
        "OPENAI_API_KEY": "x",
        "AGNO_TELEMETRY": "false",
    }

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=live_site.environment | model,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stdout) == (0, "Order 17 arrives on Friday.\nThank you!\n"), done.stderr
    lines = re.findall(r"^curl .*$", PAGE, flags=re.MULTILINE)
    agno, llamacloud, lyzr = (read(line, live_site) for line in lines)
    roles = [message["role"] for message in agno["chat_history"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    assert agno["session_name"] == "Where is order 17?"
    assert (agno["user_id"], agno["agent_id"], agno["total_tokens"]) == ("eva", "support", 36)
    assert llamacloud["events"][0]["type"] == "user_input"
    assert "Order 17 arrives on Friday." in json.dumps(llamacloud)
    assert [turn["role"] for turn in lyzr["history"]] == ["user", "assistant", "user", "assistant"]


def read(line, site):
    """What the page's ``curl`` line gives."""
    [(name, value)] = re.findall(r'-H "([^:]+): ([^"]+)"', line)
    [path] = re.findall(r'"\$SITE([^"]+)"', line)
    answer = httpx.get(site.url + path, headers={name: value.replace("$KEY", site.key)})
    assert answer.status_code == 200, answer.text
    return answer.json()
