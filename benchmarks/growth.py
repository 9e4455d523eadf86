"""Ours against ours: what a request costs once the store, or the session, has grown."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from benchmarks import data, load, servers
from benchmarks.databases import Server
from benchmarks.operations import append_body, operations
from benchmarks.peers import Plan, fill_ours, run_ours
from benchmarks.report import Figure

SMALL, TIMES = 10, 10
"""The small store is a tenth of the plan's sessions, the big one ten times as many."""
RARE = "zephyr"
"""A word that few messages hold."""
FEW_REQUESTS, MANY_REQUESTS = 1000, 10_000


def stores(plan: Plan, server: Server) -> Iterator[Figure]:
    """First page, filtered page, point read and search by text, in a small and in a big store."""
    small_url, big_url = server.make("benchmark_small"), server.make("benchmark_big")
    small_sizes = data.Sizes(max(plan.sizes.sessions // SMALL, 100))
    small_key, big_key = fill_ours(small_url, small_sizes), fill_ours(big_url, plan.sizes)
    run_ours(big_url, "multiply", str(TIMES))
    run_ours(big_url, "say", RARE)
    point = f"/sessions/{data.session_id(5)}?type=agent"  # None of those that say the word.
    paths = {
        "first page": f"/sessions?{urlencode({'type': 'agent', 'limit': 20})}",
        # As many as the small store has of a user, so that both answer with as many rows.
        "page of a user": f"/sessions?{urlencode({'type': 'agent', 'limit': 10, 'user_id': 'user-0001'})}",
        "session, 3 messages": point,
    }
    with servers.ours(small_url, plan.log) as small, servers.ours(big_url, plan.log) as big:
        for name, path in paths.items():
            requests = [_request(small, path, small_key), _request(big, path, big_key)]
            in_small, in_big = load.rates(requests, plan.rounds, plan.seconds)
            counts = f"{small_sizes.sessions:,} and {plan.sizes.sessions * TIMES:,} sessions"
            yield Figure(f"time of {name}, {counts}", load.median_ratio(in_small, in_big), 1.3, at_most=True)
        search = f"/api/sessions?{urlencode({'q': RARE})}"
        points, searches = load.rates(
            [_request(big, point, big_key), _request(big, search, big_key)], plan.rounds, plan.seconds
        )
        messages = f"{plan.sizes.sessions * TIMES * 3:,} messages"
        wanted = None if server.is_sqlite else 20.0
        yield Figure(
            f"time of a search in {messages} ÷ session", load.median_ratio(points, searches), wanted, at_most=True
        )
    server.drop("benchmark_small")
    server.drop("benchmark_big")


def sessions(plan: Plan, server: Server) -> Iterator[Figure]:
    """An append to short sessions and to a long one, and the memory of a worker."""
    url = server.make("benchmark_long")
    long = plan.requests(10_000)
    many_runs = (("fifty-runs", 50), ("five-hundred-runs", 500), ("short", 10), ("long", long))
    key = fill_ours(url, data.Sizes(1000, many_runs))
    with servers.ours(url, plan.log) as server_:
        client = _Client(server_.url, key)
        times: dict[str, list[float]] = {"short": [], "long": []}
        for number in range(plan.seconds * 50):
            # Each as often before the other as behind it, where it waits for what the first one left to be written.
            for name, taken in sorted(times.items(), reverse=number % 2 == 0):
                taken.append(client.post(f"/api/sessions/{name}/runs", append_body(f"new-{number}")))
        ratio = statistics.median(times["long"]) / statistics.median(times["short"])
        yield Figure(f"time of an append, 10 and {long:,} runs", ratio, 1.15, at_most=True)
        paths = [operation.path for operation in operations(data.Sizes(1000), server.is_sqlite) if not operation.body]
        few = _memory_after(client, server_, paths, plan.requests(FEW_REQUESTS), "few")
        many = _memory_after(client, server_, paths, plan.requests(MANY_REQUESTS - FEW_REQUESTS), "many")
        name = f"memory after {plan.requests(FEW_REQUESTS):,} and {plan.requests(MANY_REQUESTS):,} requests"
        yield Figure(name, many / few, 1.1, at_most=True)
    server.drop("benchmark_long")


def _memory_after(client: _Client, server: servers.Server, paths: list[str], count: int, name: str) -> int:
    """Bytes of the worker after so many requests of every kind."""
    for number in range(count // (len(paths) + 1)):
        for path in paths:
            client.get(path)
        client.post(f"/api/sessions/{data.session_id(number % 1000)}/runs", append_body(f"{name}-{number}"))
    return server.memory()


def _request(server: servers.Server, path: str, key: str) -> load.Request:
    return load.Request(f"{server.url}{path}", {"Authorization": f"Bearer {key}"})


class _Client:
    """One connection, one request after the other."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path: str) -> float:
        return self._send("GET", path, None)

    def post(self, path: str, body: str) -> float:
        """The seconds until the answer was there. Raises RuntimeError where it is no success."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: str | None) -> float:
        started = time.perf_counter()
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {json.dumps(said.decode()[:500])}")
        return time.perf_counter() - started
