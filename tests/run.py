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
from typing import Any

import dj_database_url

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1/agent_sessions")
MARIADB_URL = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1/agent_sessions")
ONE_DATABASE_IS_ENOUGH = [
    *("tests/clients", "tests/test_host_site.py", "tests/test_unfold.py", "tests/browser"),
    *("tests/formats", "tests/test_architecture.py", "tests/test_translations.py", "tests/admin/test_german.py"),
]
"""Tests of servers that bring their own database, of what a browser makes of pages, and of texts and code."""
DATABASES = {"SQLite": "sqlite://:memory:", "PostgreSQL": POSTGRES_URL, "MariaDB": MARIADB_URL}


def main(arguments: list[str]) -> int:
    outcomes = {name: run_on(name, url, arguments) for name, url in DATABASES.items()}
    print("\n" + "\n".join(f"{name}: {said}" for name, (_, said) in outcomes.items()), flush=True)
    return 0 if all(ok for ok, _ in outcomes.values()) else 1


def run_on(name: str, url: str, arguments: list[str]) -> tuple[bool, str]:
    """Whether all is well, and what to say of it."""
    problem = why_not(name, url)
    if problem:
        return not IN_CI, f"not tested: {problem}"
    print(f"\n== {name}", flush=True)
    plugins = ["-p", "tests.nothing_missing"] if IN_CI else []
    parallel = ["-n", "auto", "--dist", "loadgroup"]
    once = [] if name == "SQLite" else [f"--ignore={path}" for path in ONE_DATABASE_IS_ENOUGH]
    command = [sys.executable, "-m", "pytest", "--quiet", *parallel, *plugins, *once, *arguments]
    last_line = ""
    with subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            print(line, end="", flush=True)
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
