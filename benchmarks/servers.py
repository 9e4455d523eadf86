"""The servers that are driven, each one process on loopback, ended by its process id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.databases import site

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120
THREADS = 1
"""Of a worker. Two hand Python to each other several times a request, which takes longer than the database does."""


@contextmanager
def granian(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A WSGI application in one worker, as the reference site is served."""
    port = _free_port()
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    options += ["--blocking-threads", str(THREADS), "--log-level", "warning"]
    with _served([sys.executable, "-m", "granian", *options, application], environment, log) as process:
        yield _ready(Server(port, process.pid), log)


@contextmanager
def ours(database: str, log: Path) -> Iterator[Server]:
    """The reference site, as its settings are without any."""
    with granian("project.wsgi:application", site(database), log) as server:
        yield server


@contextmanager
def agentos(python: Path, database: str, log: Path) -> Iterator[Server]:
    """AgentOS, served by uvicorn in one process, as its documentation has it."""
    port = _free_port()
    command = [str(python), str(ROOT / "benchmarks" / "agentos.py"), "serve", database, str(port)]
    with _served(command, {}, log) as process:
        yield _ready(Server(port, process.pid), log)


class Server:
    """Where it listens, and which process it is."""

    def __init__(self, port: int, pid: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pid = pid

    def get(self, path: str, headers: Mapping[str, str]) -> bytes:
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", headers=dict(headers))) as answer:
            body: bytes = answer.read()
        return body

    def memory(self) -> int:
        """Bytes in memory of the process and of those that it started."""
        return sum(_memory(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def _served(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[Any]]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(server: Server, log: Path) -> Server:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            server.get("/health", {})
        except urllib.error.HTTPError:
            return server
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise RuntimeError(f"No answer from {server.url}:\n{log.read_text()}")


def _children(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return [each for child in children for each in (child, *_children(child))]


def _memory(pid: int) -> int:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024
