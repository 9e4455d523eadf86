"""AgentOS over the same sessions. Runs in an environment of its own, which has agno and not Django.

``agentos.py fill URL`` reads ``[session row, [run dicts]]`` a line from standard input; ``agentos.py serve URL PORT``
serves them with uvicorn; ``agentos.py write URL COUNT`` prints the runs a second that its database class takes.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any

CHUNK = 1000


def database(url: str) -> Any:
    if url.startswith("sqlite"):
        from agno.db.sqlite import SqliteDb

        return SqliteDb(db_url=url)
    from agno.db.postgres import PostgresDb

    return PostgresDb(db_url=url)


def fill(url: str) -> None:
    from agno.db.utils import build_single_run_row

    db = database(url)
    tables = [db._get_table(table_type=name, create_table_if_not_found=True) for name in ("sessions", "runs")]
    chunk: list[Any] = []
    for line in sys.stdin:
        chunk.append(json.loads(line))
        if len(chunk) == CHUNK:
            _insert(db, tables, chunk, build_single_run_row)
            chunk = []
    _insert(db, tables, chunk, build_single_run_row)
    with db.db_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE")


def _insert(db: Any, tables: list[Any], chunk: list[Any], run_row: Any) -> None:
    if not chunk:
        return
    rows = [
        run_row(run=run, session_id=row["session_id"], user_id=row["user_id"], run_index=index)
        for row, runs in chunk
        for index, run in enumerate(runs)
    ]
    with db.Session() as session, session.begin():
        session.execute(tables[0].insert(), [row for row, _ in chunk])
        session.execute(tables[1].insert(), rows)


def serve(url: str, port: str) -> None:
    import uvicorn
    from agno.os import AgentOS

    app = AgentOS(db=database(url), telemetry=False).get_app()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


def write(url: str, count: str) -> None:
    """What one turn of an agent writes: its session, and its run."""
    from agno.run.agent import RunOutput
    from agno.session import AgentSession

    db = database(url)
    template = json.loads(sys.stdin.readline())
    started = time.perf_counter()
    for _ in range(int(count)):
        run = RunOutput.from_dict(
            {**template[1][0], "run_id": str(uuid.uuid4()), "session_id": template[0]["session_id"]}
        )
        db.upsert_session(AgentSession.from_dict({**template[0], "runs": None}))
        db.upsert_run(run, session_id=template[0]["session_id"], user_id=template[0]["user_id"])
    print(int(count) / (time.perf_counter() - started))


if __name__ == "__main__":
    {"fill": fill, "serve": serve, "write": write}[sys.argv[1]](*sys.argv[2:])
