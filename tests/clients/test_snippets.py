"""The programs that the admin shows with a new key, as they stand there, against the live server."""

from __future__ import annotations

import subprocess

import pytest

from sessions_app import snippets

ENVIRONMENTS = {"AgentOSClient": "agno", "llama-cloud": "llamacloud", "lyzr-agent-api": "lyzr"}
"""The Python environments of this folder that have a client's package."""
PROGRAMS = {program.client: program for wire in snippets.WIRES for program in wire.programs}


@pytest.fixture(params=[True, False], ids=["write", "read"])
def code_of(request, live_site, read_only_key):
    """The program of a client for a key that may write, and for one that may not."""
    key = live_site.key if request.param else read_only_key
    return lambda client: PROGRAMS[client].code(url=live_site.url, key=key, can_write=request.param)


def assert_runs(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("client", ENVIRONMENTS)
def test_pythons(client_environment, code_of, client):
    program = code_of(f"Python, {client}")
    assert assert_runs([str(client_environment(ENVIRONMENTS[client])), "-c", program])


def test_javascripts(node_folder, code_of):
    (node_folder / "snippet.mjs").write_text(code_of("JavaScript, @llamaindex/llama-cloud"))
    assert_runs(["node", "snippet.mjs"], cwd=node_folder)


def test_curls(code_of):
    said = assert_runs(["bash", "-c", code_of("curl").replace("curl ", "curl --fail-with-body --silent ")])
    assert '"results"' in said
