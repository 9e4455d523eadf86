"""wrk, and the ratios that come of it."""

from __future__ import annotations

import re
import secrets
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field

CONNECTIONS = 8
PATIENCE = 20
"""Seconds that wrk drives what has not answered once so far."""
_POST = """
local sessions, counter = {SESSIONS}, 0
wrk.headers["Content-Type"] = "application/json"
request = function()
  counter = counter + 1
  local path = string.gsub(wrk.path, "SESSION_ID", sessions[counter % #sessions + 1])
  return wrk.format("POST", path, nil, (string.gsub([==[BODY]==], "RUN_ID", "SEED-" .. counter)))
end
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What wrk sends again and again. A ``body`` is posted, with another id for ``RUN_ID`` each time, and to another
    one of ``sessions`` for ``SESSION_ID`` in the URL.
    """

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    sessions: tuple[str, ...] = ()


def rate(request: Request, seconds: int) -> float:
    """Answers a second. Raises RuntimeError where any answer is not a success."""
    found = _drive(request, seconds)
    return found or _drive(request, PATIENCE)


def _drive(request: Request, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{PATIENCE}s"]
    for name, value in request.headers.items():
        command += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if request.body is not None:
            sessions = ", ".join(f'"{session}"' for session in request.sessions)
            values = {"BODY": request.body, "SEED": secrets.token_hex(6), "SESSIONS": sessions}
            script.write(re.sub("|".join(values), lambda found: values[found[0]], _POST))
            script.flush()
            command += ["-s", script.name]
        done = subprocess.run([*command, request.url], capture_output=True, text=True, check=True)
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    if found is None or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(f"{request.url}\n{done.stdout}")
    return float(found[1])


def rates(requests: Sequence[Request], rounds: int, seconds: int) -> list[list[float]]:
    """Each request's rates, driven in turns: A B C A B C. A short turn of each goes before, unmeasured."""
    for request in requests:
        rate(request, 1)
    turns = [[rate(request, seconds) for request in requests] for _ in range(rounds)]
    return [list(of_one) for of_one in zip(*turns, strict=True)]


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rates that were taken next to each other."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
