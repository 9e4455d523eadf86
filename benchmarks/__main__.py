"""``python -m benchmarks``: our store beside AgentOS, beside what a machine allows, and beside itself when it is big."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import data, growth, machine, peers, portions
from benchmarks.databases import Server
from benchmarks.peers import Plan
from benchmarks.report import Figure, table

POSTGRES = os.environ.get("BENCHMARK_POSTGRES_URL", "postgres://postgres@127.0.0.1")
PARTS: dict[str, Callable[[Plan, Server], Iterator[Figure]]] = {
    "peers": peers.measure,
    "stores": growth.stores,
    "sessions": growth.sessions,
    "portions": portions.figures,
}


def main() -> int:
    arguments = _parser().parse_args()
    if shutil.which("wrk") is None:
        print("wrk is needed (Debian and Ubuntu: apt-get install wrk).", file=sys.stderr)
        return 1
    fell_short = False
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        plan = Plan(data.Sizes(arguments.sessions), arguments.rounds, arguments.seconds, Path(folder))
        for server in [{"postgres": Server(POSTGRES), "sqlite": Server(folder)}[name] for name in arguments.databases]:
            figures = [figure for part in arguments.parts for figure in _shown(PARTS[part](plan, server))]
            print(
                f"\n{machine.describe(server.name)}; {arguments.sessions:,} sessions\n\n{table(figures)}\n", flush=True
            )
            fell_short |= not all(figure.reached for figure in figures)
    return int(fell_short and not arguments.smoke)


def _shown(figures: Iterator[Figure]) -> Iterator[Figure]:
    """The figures, each said as it comes."""
    for figure in figures:
        print("  ".join(figure.cells), file=sys.stderr, flush=True)
        yield figure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=(
            "Measures ratios, each of two things that are driven in turns on this machine. Exits with 1 where one "
            "falls short. Databases named benchmark_... are made and dropped."
        ),
    )
    parser.add_argument("--sessions", type=int, default=100_000, metavar="N", help="Default: 100000.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="Turns of each thing. Default: 5.")
    parser.add_argument("--seconds", type=int, default=3, metavar="N", help="Seconds of a turn. Default: 3.")
    parser.add_argument("--databases", nargs="+", choices=("postgres", "sqlite"), default=["postgres", "sqlite"])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="Default: all.")
    parser.add_argument("--smoke", action="store_true", help="Exit with 0 also where a ratio falls short.")
    return parser


if __name__ == "__main__":
    sys.exit(main())
