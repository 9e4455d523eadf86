"""The script of ``docs/dialects/README.md``, as pasted: one session, read by three vendors' clients."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.clients.conftest import ROOT

PAGE = ROOT / "docs" / "dialects" / "README.md"
CONVERSATIONS = ROOT.parent / "shared" / "data" / "airline.jsonl"
TOOL_CALL = {"id": "call-1", "type": "function", "function": {"name": "find_parcel", "arguments": '{"id": 17}'}}
PARCEL = {
    "session_id": "parcel",
    "agent_id": "support",
    "messages": [
        {"role": "user", "content": "Where is my parcel?"},
        {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
        {"role": "tool", "tool_call_id": "call-1", "content": "Arrives on Friday"},
        {"role": "assistant", "content": "It arrives on Friday."},
    ],
}


@pytest.fixture
def read_by_all(live_site, client_environment, tmp_path):
    """Runs the script on a session; gives what each client says of it."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    (tmp_path / "together.py").write_text(program)

    def read(session_id):
        command = [client_environment("together"), tmp_path / "together.py", live_site.url, live_site.key, session_id]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return dict(line.split(": ", 1) for line in done.stdout.splitlines())

    return read


def test_one_session_through_three_clients(live_site, read_by_all):
    live_site.manage("import_agent_sessions", "-", stdin=json.dumps(PARCEL))
    assert read_by_all("parcel") == {
        "AgentOSClient": "Where is my parcel? - 4 messages",
        "LlamaCloud": "4 events, first user_input",
        "lyzr-agent-api": "2 messages, first by user",
    }


@pytest.mark.skipif(not CONVERSATIONS.exists(), reason="airline.jsonl is not beside the repository")
def test_a_real_conversation_through_three_clients(live_site, read_by_all):
    live_site.manage("import_agent_sessions", str(CONVERSATIONS))
    said = read_by_all("airline-0-0")
    assert said["LlamaCloud"].endswith("first user_input")
    assert said["lyzr-agent-api"].endswith("first by user")
