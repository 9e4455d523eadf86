"""How fast sessions go out of a SQLite store and into another one, and whether memory stays what it was.

``python -m benchmarks.portions SESSIONS`` prints a line for the export and one for the import; ``measure`` gives them.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.databases import Server, site
from benchmarks.peers import Plan
from benchmarks.report import Figure

COMMANDS = {"export": "export_agent_sessions", "import": "import_agent_sessions"}

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
"""As the reference site has them, but without the database mapped into memory, which would count as the process's."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A direction: messages a second, and the peak of memory in bytes with a tenth of the sessions and with all."""

    direction: str
    messages_a_second: float
    tenth_peak: int
    whole_peak: int

    @property
    def growth(self) -> float:
        return self.whole_peak / self.tenth_peak

    def __str__(self) -> str:
        megabytes = f"{self.tenth_peak / 2**20:.0f} MB, {self.whole_peak / 2**20:.0f} MB ({self.growth:.2f})"
        return f"{self.direction}: {self.messages_a_second:,.0f} messages a second; peak {megabytes}"


def measure(sessions: int) -> list[Measured]:
    """Both directions, with a tenth of the sessions and with all of them."""
    with tempfile.TemporaryDirectory() as folder:
        tenth, whole = (_there_and_back(Path(folder) / name, size) for name, size in _sizes(sessions).items())
        return [
            Measured(direction, whole[direction]["rate"], tenth[direction]["peak"], whole[direction]["peak"])
            for direction in COMMANDS
        ]


def figures(plan: Plan, server: Server) -> Iterator[Figure]:
    """The lines of a table, on SQLite: to PostgreSQL, the network and its other connections are what limits."""
    if not server.is_sqlite:
        return
    for each in measure(plan.sizes.sessions):
        yield Figure(f"{each.direction}, messages a second", each.messages_a_second, 5000)
        yield Figure(f"{each.direction}, memory for all ÷ for a tenth", each.growth, 1.1, at_most=True)


def _sizes(sessions: int) -> dict[str, int]:
    return {"tenth": max(1, sessions // 10), "whole": sessions}


def _there_and_back(folder: Path, sessions: int) -> dict[str, dict[str, Any]]:
    """Fill a store, export it, and import the file into an empty store; what each direction took."""
    folder.mkdir()
    file = str(folder / "sessions.jsonl")
    _python(folder / "full.sqlite3", "benchmarks.ours", "fill", json.dumps({"sessions": sessions}))
    exported = _python(folder / "full.sqlite3", __name__, "run", "export", "--output", file)
    imported = _python(folder / "empty.sqlite3", __name__, "run", "import", "--skip-errors", file)
    return {"export": json.loads(exported), "import": json.loads(imported)}


def _python(database: Path, module: str, *arguments: str) -> str:
    """What a module prints: in a process of its own, whose memory is nothing but its own."""
    module = "benchmarks.portions" if module == "__main__" else module
    environment = os.environ | site(f"sqlite:///{database}?{urlencode({'init_command': PRAGMAS})}")
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def _run(direction: str, *arguments: str) -> dict[str, Any]:
    """Run a command in this process: messages a second, and the peak of memory in bytes."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    from django.core.management import call_command

    from sessions_app.models import Message

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    call_command(COMMANDS[direction], *arguments, verbosity=0)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rate": Message.objects.count() / seconds, "peak": peak}


if __name__ == "__main__":
    if sys.argv[1] == "run":
        print(json.dumps(_run(*sys.argv[2:])))
    else:
        print(*measure(int(sys.argv[1])), sep="\n")
