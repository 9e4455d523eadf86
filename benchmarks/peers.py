"""Our store and AgentOS, filled with the same sessions, driven in turns; and the limit beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import adapter, data, load, servers
from benchmarks.databases import Server, site, sqlalchemy_url
from benchmarks.operations import Operation, operations
from benchmarks.report import Figure

ENVIRONMENT = servers.ROOT / ".venv" / "agentos"
FRAMEWORKS = {
    "django": "Django",
    "headers": "Django with the reference site's headers",
    "drf": "Django REST framework",
}
REQUIREMENTS = ("agno[os]>=3.1", "psycopg[binary]", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    sizes: data.Sizes
    rounds: int
    seconds: int
    folder: Path
    """For logs, and for SQLite's databases."""

    @property
    def log(self) -> Path:
        return self.folder / "servers.log"

    def requests(self, count: int) -> int:
        """``count``, or fewer where the store is too small for a real measurement."""
        return min(count, self.sizes.sessions)


def agentos_python() -> Path:
    """A Python that has AgentOS, in an environment of its own."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "requirements"
    wanted = "\n".join(REQUIREMENTS)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--upgrade", *REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python


def fill_ours(url: str, sizes: data.Sizes) -> str:
    """Our store with these sessions; a key to it."""
    return run_ours(url, "fill", json.dumps(asdict(sizes))).strip()


def run_ours(url: str, *arguments: str) -> str:
    """What ``python -m benchmarks.ours`` prints."""
    environment = os.environ | site(url)
    command = [sys.executable, "-m", "benchmarks.ours", *arguments]
    done = subprocess.run(command, cwd=servers.ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def fill_agentos(python: Path, url: str, sizes: data.Sizes) -> None:
    """AgentOS' store with these sessions."""
    command = [str(python), str(servers.ROOT / "benchmarks" / "agentos.py"), "fill", sqlalchemy_url(url)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as filling:
        assert filling.stdin is not None
        for session in data.sessions(sizes):
            filling.stdin.write(json.dumps(session) + "\n")
        filling.stdin.close()
    if filling.returncode:
        raise RuntimeError("AgentOS' store could not be filled")


def measure(plan: Plan, server: Server) -> Iterator[Figure]:
    """The figures of the table of operations, one after the other."""
    python = agentos_python()
    ours_url, theirs_url = server.make("benchmark_ours"), server.make("benchmark_agentos")
    key = fill_ours(ours_url, plan.sizes)
    fill_agentos(python, theirs_url, plan.sizes)
    headers = {"Authorization": f"Bearer {key}"}
    with ExitStack() as running:
        ours = running.enter_context(servers.ours(ours_url, plan.log))
        theirs = running.enter_context(servers.agentos(python, sqlalchemy_url(theirs_url), plan.log))
        wanted = operations(plan.sizes, server.is_sqlite)
        limit_file = plan.folder / "limit.json"
        limit_file.write_text(json.dumps({"database": ours_url, "paths": dict(_limits(wanted, ours, headers))}))
        limit = running.enter_context(
            servers.granian("benchmarks.limit:application", {"BENCHMARK_LIMIT": str(limit_file)}, plan.log)
        )
        for operation in wanted:
            yield from _compare(operation, ours, theirs, limit, headers, plan)
        for framework, name in FRAMEWORKS.items():
            environment = {"BENCHMARK_LIMIT": str(limit_file), "BENCHMARK_FRAMEWORK": framework, **site(ours_url)}
            with servers.granian("benchmarks.frameworks:application", environment, plan.log) as bare:
                for small in [operation for operation in wanted if operation.is_small]:
                    requests = [load.Request(f"{each.url}{small.path}", headers) for each in (bare, limit)]
                    rates = load.rates(requests, plan.rounds, plan.seconds)
                    yield Figure(f"{name} alone, {small.name} ÷ limit", load.median_ratio(*rates), None)
    turns = plan.requests(1000)
    ratio = adapter.ratio(ours_url, sqlalchemy_url(theirs_url), str(python), turns, plan.rounds)
    yield Figure("a turn of agno's agent, in process ÷ agno's own database class", ratio, 1.2)
    server.drop("benchmark_ours")
    server.drop("benchmark_agentos")


def _limits(wanted: list[Operation], ours: servers.Server, headers: dict[str, str]) -> Iterator[tuple[str, object]]:
    """For each request that has a limit: the statement, its parameters, and the bytes that ours answers."""
    for operation in wanted:
        if operation.sql:
            body = "{}" if operation.body else ours.get(operation.path, headers).decode()
            yield f"{operation.method} {operation.path}", [operation.sql, operation.parameters, body]


def _compare(
    operation: Operation,
    ours: servers.Server,
    theirs: servers.Server,
    limit: servers.Server,
    headers: dict[str, str],
    plan: Plan,
) -> Iterator[Figure]:
    def request(server: servers.Server) -> load.Request:
        return load.Request(f"{server.url}{operation.path}", headers, operation.body, operation.sessions)

    others = [(theirs, operation.over_agentos, "AgentOS")] if operation.over_agentos else []
    others += [(limit, operation.over_limit, "limit")] if operation.sql else []
    mine, *rates = load.rates([request(ours), *(request(server) for server, _, _ in others)], plan.rounds, plan.seconds)
    for (_, wanted, name), other in zip(others, rates, strict=True):
        yield Figure(f"{operation.name} ÷ {name}", load.median_ratio(mine, other), wanted)
