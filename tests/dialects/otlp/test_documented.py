"""``docs/opentelemetry.md``: its program as pasted, and the attributes that it names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sessions_app
from sessions_app.models import Session
from sessions_app.telemetry.store import MAX_SPANS
from tests.telemetry.traces import payloads

APP = Path(sessions_app.__file__).parent
PAGE = (APP.parent / "docs" / "opentelemetry.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_program_runs_as_pasted(live_server, key, tmp_path):
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len([line for line in program.splitlines() if line]) < 20
    (setup,) = re.findall(r"```sh\n(export .*?)```", PAGE, re.DOTALL)
    setup = setup.replace("http://127.0.0.1:8000", live_server.url).replace("YOUR-KEY", key.secret)
    (tmp_path / "program.py").write_text(program)
    command = f"{setup}\n{sys.executable} {tmp_path / 'program.py'}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=os.environ, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    session = Session.objects.get(session_id="parcel-17")
    assert (session.user_id, session.agent.name, session.input_tokens) == ("maria", "Support", 134)
    assert [payload["parts"][0]["content"] for payload in payloads(session)] == ["Where is my parcel?", "In Bern."]


def test_what_it_says_is_read_is_read():
    source = "".join(path.read_text() for path in (APP / "telemetry").glob("*.py"))
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`((?:gen_ai|user|enduser|session|error)\.[\w.]+)`", row)}
    assert len(named) > 20
    assert {name for name in named if name.removeprefix("gen_ai.usage.") not in source} == set()


def test_the_limit_is_the_documented_one():
    assert f"at most {MAX_SPANS} spans" in PAGE
