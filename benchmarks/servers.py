"""The three servers, each one process on loopback, ended by their process id."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
THREADS = "2"
"""Of a granian worker: one computes while another waits for the database."""


@contextmanager
def served(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    """A server while the block runs; its process id."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def granian(application: str, port: int) -> list[str]:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [
        sys.executable,
        "-m",
        "granian",
        *options,
        "--blocking-threads",
        THREADS,
        "--log-level",
        "warning",
        application,
    ]


def wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"No answer from {url}:\n{log.read_text()}")
