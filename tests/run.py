"""The whole suite on every database: ``python -m tests.run [pytest arguments]``.

SQLite always; PostgreSQL (``TEST_POSTGRES_URL``) and MariaDB (``TEST_MARIADB_URL``) where they can be reached. With
``CI=true`` all three are required, and no test may skip for something that is not there.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dj_database_url

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1/agent_sessions")
MARIADB_URL = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1/agent_sessions")
ONE_DATABASE_IS_ENOUGH = [
    *("tests/clients", "tests/browser", "tests/formats", "tests/admin/transcript/test_hostile.py"),
    *(f"tests/admin/test_{name}.py" for name in ("german", "registration")),
    *(f"tests/test_{name}.py" for name in ("host_site", "unfold", "architecture", "translations", "documentation")),
    *(f"tests/test_{name}.py" for name in ("snippets", "csp", "checks", "conf", "text", "jsontext")),
]
"""Tests of servers that bring their own database, of what a browser makes of pages, of texts, settings and code, and of
what a page makes of a message. Within other files such tests have the mark ``one_database``."""
NOT_AGAIN = ["-m", "not one_database", *(f"--ignore={path}" for path in ONE_DATABASE_IS_ENOUGH)]
DATABASES = {"SQLite": "sqlite://:memory:", "PostgreSQL": POSTGRES_URL, "MariaDB": MARIADB_URL}


def main(arguments: list[str]) -> int:
    """SQLite, and beside it the others one after the other: what waits for a browser or a client leaves them time."""
    first, *others = DATABASES
    outcomes = {}
    with ThreadPoolExecutor(max_workers=1) as beside:
        shown: dict[str, list[str]] = {name: [] for name in others}
        runs = {name: beside.submit(run_on, name, arguments, shown[name].append) for name in others}
        outcomes[first] = run_on(first, arguments, print_at_once)
        for name, run in runs.items():
            outcomes[name] = run.result()
            print_at_once("".join(shown[name]))
    print("\n" + "\n".join(f"{name}: {said}" for name, (_, said) in outcomes.items()), flush=True)
    return 0 if all(ok for ok, _ in outcomes.values()) else 1


def print_at_once(text: str) -> None:
    print(text, end="", flush=True)


def run_on(name: str, arguments: list[str], show: Callable[[str], None]) -> tuple[bool, str]:
    """Whether all is well, and what to say of it."""
    url = DATABASES[name]
    problem = why_not(name, url)
    if problem:
        return not IN_CI, f"not tested: {problem}"
    show(f"\n== {name}\n")
    plugins = ["-p", "tests.nothing_missing"] if IN_CI else []
    parallel = ["-n", "auto", "--dist", "loadgroup"]
    once = [] if name == "SQLite" else NOT_AGAIN
    command = [sys.executable, "-m", "pytest", "--quiet", *parallel, *plugins, *once, *arguments]
    last_line = ""
    with subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            show(line)
            last_line = line.strip() or last_line
    return run.returncode == 0, last_line


def why_not(name: str, url: str) -> str | None:
    """Why the database cannot be used; None where it can."""
    connect = CONNECT.get(name)
    if connect is None:
        return None
    try:
        connect(dj_database_url.parse(url)).close()
    except ImportError as error:
        return f"its driver is not installed ({error})"
    except Exception as error:  # Each driver has its own
        return f"not reachable ({' '.join(str(error).split())})"
    return None


def connect_to_postgres(at: Mapping[str, Any]) -> Any:
    import psycopg

    address = {"host": at["HOST"], "port": at["PORT"] or 5432, "user": at["USER"], "password": at["PASSWORD"]}
    return psycopg.connect(**address, dbname="postgres", connect_timeout=5)


def connect_to_mariadb(at: Mapping[str, Any]) -> Any:
    import MySQLdb

    address = {"host": at["HOST"], "port": at["PORT"] or 3306, "user": at["USER"], "password": at["PASSWORD"]}
    return MySQLdb.connect(**address, connect_timeout=5)


CONNECT: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "PostgreSQL": connect_to_postgres,
    "MariaDB": connect_to_mariadb,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
