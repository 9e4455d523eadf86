"""LlamaCloud's own SDKs."""

from __future__ import annotations

import re
import subprocess

from tests.clients.conftest import ROOT

PAGE = ROOT / "docs" / "dialects" / "llamacloud.md"


def test_the_python_sdk(run_client, read_only_key):
    assert run_client("llamacloud", "session_surface.py", read_only_key).strip() == "ok"


def test_the_typescript_sdk(live_site, read_only_key, node_folder):
    command = ["node", "session_surface.mjs", live_site.url, live_site.key, read_only_key]
    done = subprocess.run(command, cwd=node_folder, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout.strip()) == (0, "ok"), f"{done.stdout}\n{done.stderr}"


def example(language, site):
    """The first lines of this language on the page for users, for this site."""
    source = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    return source.replace("http://127.0.0.1:8000", site.url).replace("YOUR KEY", site.key)


def test_the_pages_python_runs(live_site, client_environment):
    command = [str(client_environment("llamacloud")), "-c", example("python", live_site)]
    assert_streams(subprocess.run(command, capture_output=True, text=True, timeout=120))


def test_the_pages_typescript_runs(live_site, node_folder):
    (node_folder / "page.mjs").write_text(example("typescript", live_site))
    command = ["node", "page.mjs"]
    assert_streams(subprocess.run(command, cwd=node_folder, capture_output=True, text=True, timeout=120))


def assert_streams(done):
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line]
    assert len(lines) == 2
    assert lines[0].startswith('data: {"type": "user_input", "content": "Hello"')
    assert lines[1].startswith('data: {"type": "stop", "is_error": true')
