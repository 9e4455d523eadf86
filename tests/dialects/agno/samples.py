"""A session and its runs, as AgentOS has them."""

from __future__ import annotations

from sessions_app.mappings.agno.runs import store_run
from sessions_app.mappings.agno.sessions import store_session

RUN = {"run_id": "r", "agent_id": "a", "status": "COMPLETED", "created_at": 1757088129}


def store(project, *runs, type_="agent", **row):
    session = store_session(project, {"session_id": "s", "session_type": type_, f"{type_}_id": "a", **row})
    for run in runs:
        store_run(session, run)
    return session


def only(client, url="/sessions/s/runs"):
    (run,) = client.get(url).json()
    return run
