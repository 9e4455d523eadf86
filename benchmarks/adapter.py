"""Our database class for agno beside agno's own: ``python -m benchmarks.adapter OURS THEIRS PYTHON [TURNS]``.

``OURS`` and ``THEIRS`` are the URLs of filled databases, ``PYTHON`` is that of AgentOS' environment. Prints how many
times faster ours takes what one turn of an agent writes: ``upsert_session`` of a session, ``upsert_run`` of a new run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks import data
from benchmarks.databases import site
from benchmarks.load import median_ratio


def ratio(ours: str, theirs: str, python: str, turns: int = 300, rounds: int = 5) -> float:
    """The median of the ratios of turns a second, taken in turns: A B A B."""
    pairs = [(_rate(ours, turns), _their_rate(theirs, python, turns)) for _ in range(rounds)]
    return median_ratio([mine for mine, _ in pairs], [other for _, other in pairs])


def _rate(url: str, turns: int) -> float:
    return _run([sys.executable, "-m", "benchmarks.ours", "write", str(turns)], site(url))


def _their_rate(url: str, python: str, turns: int) -> float:
    return _run([python, "-m", "benchmarks.agentos", "write", url, str(turns)], {})


def _run(command: list[str], environment: dict[str, str]) -> float:
    session = next(data.sessions(data.Sizes(1)))
    done = subprocess.run(
        command, env=os.environ | environment, input=json.dumps(session), capture_output=True, text=True, check=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    print(f"{ratio(*sys.argv[1:4], *map(int, sys.argv[4:])):.2f}")
