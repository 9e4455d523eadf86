"""The limit: a bare WSGI callable that runs one hand-written statement a request and sends bytes made beforehand.

``BENCHMARK_LIMIT`` is a JSON file: ``{"database": url, "paths": {"METHOD /path?query": [sql, parameters, body]}}``. A
run that is posted goes to the session in the path.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

with Path(os.environ["BENCHMARK_LIMIT"]).open() as file:
    _PLAN: dict[str, Any] = json.load(file)
_ANSWERS = {path: (sql, params, body.encode()) for path, (sql, params, body) in _PLAN["paths"].items()}
_NOTHING = "SELECT 1", {}, b""
_own = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = answer(environ)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def answer(environ: dict[str, Any]) -> bytes:
    """The bytes for a request, once its statement has run."""
    path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
    if environ["REQUEST_METHOD"] == "POST":
        environ["wsgi.input"].read()
        sql, params, body = _ANSWERS["POST /api/sessions/SESSION_ID/runs"]
        params = {**params, "session_id": path.split("/")[3], "run_id": uuid.uuid4().hex}
    else:
        sql, params, body = _ANSWERS.get(f"GET {path}{'?' if query else ''}{query}", _NOTHING)
    _run(sql, params)
    return body


def _run(sql: str, params: Any) -> None:
    connection = getattr(_own, "connection", None)
    if connection is None:
        connection = _own.connection = _connect(_PLAN["database"])
    if _PLAN["database"].startswith("sqlite"):
        connection.execute(sql, params).fetchall()
    else:
        connection.execute(sql, params, prepare=True).fetchall()


def _connect(url: str) -> Any:
    if url.startswith("sqlite"):
        import sqlite3

        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=20)
        connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;")
        return connection
    import psycopg

    return psycopg.connect(url, autocommit=True)
