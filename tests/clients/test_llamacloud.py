"""LlamaCloud's own SDKs."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.clients.conftest import ENVIRONMENTS, HERE, ROOT

NAME = "llamacloud-js"
PAGE = ROOT / "docs" / "dialects" / "llamacloud.md"


@pytest.fixture(scope="module")
def read_only_key(live_site):
    return live_site.new_key("--scope", "read")


@pytest.fixture(scope="module")
def node_folder():
    """A folder with the TypeScript SDK and the program that drives it, installed once."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node is absent")
    folder, source = ENVIRONMENTS / NAME, HERE / NAME
    stamp, wanted = folder / "installed", (source / "package.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "session_surface.mjs"):
        shutil.copy(source / file, folder)
    if not stamp.exists() or stamp.read_text() != wanted:
        install = ["npm", "install", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"the client {NAME} is not installed: {done.stderr.strip().splitlines()[-1]}")
        stamp.write_text(wanted)
    return folder


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
