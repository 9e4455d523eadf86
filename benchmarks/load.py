"""wrk, and the ratios that come of it."""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 8
_POST = """
local counter, seed = 0, {seed}
request = function()
  counter = counter + 1
  local body = string.gsub([==[{body}]==], "RUN_ID", string.format("run-%d-%d", seed, counter))
  return wrk.format("POST", nil, nil, body)
end
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What wrk sends again and again; ``RUN_ID`` in a body is another id each time."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def rate(request: Request, seconds: float, connections: int = CONNECTIONS) -> float:
    """Answers a second. Raises RuntimeError where any answer is not a success."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "60s"]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if request.body is not None:
            script.write(_POST.format(seed=_seed(), body=request.body))
            script.flush()
            command += ["-s", script.name]
        done = subprocess.run([*command, request.url], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{request.url}\n{done.stdout}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if found is None or float(found[1]) == 0:
        raise RuntimeError(f"{request.url}\n{done.stdout}")
    return float(found[1])


def _seed() -> int:
    return int.from_bytes(Path("/dev/urandom").open("rb").read(6))


def rates(requests: Sequence[Request], rounds: int, seconds: float) -> list[list[float]]:
    """Each request's rates, driven in turns: A B C A B C. One unmeasured turn goes first."""
    for request in requests:
        rate(request, min(seconds, 1))
    turns = [[rate(request, seconds) for request in requests] for _ in range(rounds)]
    return [list(of_one) for of_one in zip(*turns, strict=True)]


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rates that were taken next to each other."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
