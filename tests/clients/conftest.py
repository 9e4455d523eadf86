"""Vendors' own clients, unmodified, against the reference site: over a real socket, each in an environment of its own.

A client's folder holds ``requirements.txt`` and the programs that drive it. They get the server's address and a key as
arguments, check what they see with ``assert``, and exit with 0 where all is well.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ENVIRONMENTS = ROOT / ".venv" / "clients"
READY_SECONDS = 60
NODE_CLIENT = "llamacloud-js"


def pytest_collection_modifyitems(items):
    """One server for all clients, so they stay on one worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("clients"))


@dataclass
class LiveSite:
    """The reference site, served by granian from a SQLite database of its own."""

    url: str
    key: str
    environment: dict[str, str]

    def manage(self, *arguments, stdin=None):
        """Runs ``manage.py`` on the site's database; gives what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_key(self, *arguments):
        return self.manage("create_agent_api_key", "client test", *arguments).strip()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def live_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "SECRET_KEY": "tests",
        "DATABASE_URL": f"sqlite:///{folder / 'live.sqlite3'}",
    }
    site = LiveSite(f"http://127.0.0.1:{port}", "", environment)
    site.manage("migrate", "--verbosity", "0")
    site.key = site.new_key()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "server.log").open("w") as log:
        command += ["--blocking-threads", "4", "project.wsgi:application"]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ready(site, server, folder / "server.log")
            yield site
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_until_ready(site, server, log):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(f"{site.url}/docs", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def client_environment():
    """``client_environment("name")``: a Python with the requirements of ``tests/clients/name``, made once."""

    def make(name):
        requirements = HERE / name / "requirements.txt"
        folder, stamp = ENVIRONMENTS / name, ENVIRONMENTS / f"{name}.stamp"
        python = folder / "bin" / "python"
        ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
        with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # Tests of the same client may run side by side.
            if not stamp.exists() or stamp.read_text() != requirements.read_text():
                venv.create(folder, with_pip=True, clear=True)
                install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
                done = subprocess.run(install, capture_output=True, text=True)
                if done.returncode != 0:
                    pytest.skip(f"the client {name} is not installed: {done.stderr.strip().splitlines()[-1]}")
                stamp.write_text(requirements.read_text())
        return python

    return make


@pytest.fixture
def run_client(live_site, client_environment):
    """``run_client("name", "program.py", ...)`` runs a client's program; its output is in the failure."""

    def run(name, program, *arguments):
        command = [str(client_environment(name)), str(HERE / name / program), live_site.url, live_site.key, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="module")
def read_only_key(live_site):
    return live_site.new_key("--scope", "read")


@pytest.fixture(scope="module")
def node_folder():
    """A folder with the TypeScript SDK and the program that drives it, installed once."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node is absent")
    folder, source = ENVIRONMENTS / NODE_CLIENT, HERE / NODE_CLIENT
    stamp, wanted = folder / "installed", (source / "package.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "session_surface.mjs"):
        shutil.copy(source / file, folder)
    if not stamp.exists() or stamp.read_text() != wanted:
        install = ["npm", "install", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"the client {NODE_CLIENT} is not installed: {done.stderr.strip().splitlines()[-1]}")
        stamp.write_text(wanted)
    return folder
