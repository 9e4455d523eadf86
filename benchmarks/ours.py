"""Our store with the same sessions: ``python -m benchmarks.ours fill SESSIONS`` and what else needs Django.

``DATABASE_URL`` names the database.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import data  # noqa: E402
from sessions_app import services  # noqa: E402
from sessions_app.mappings.agno import runs as run_mapping  # noqa: E402
from sessions_app.mappings.agno import sessions as session_mapping  # noqa: E402
from sessions_app.models import Agent, APIKey, Project  # noqa: E402
from sessions_app.services import NewMessage, NewSession  # noqa: E402

CHUNK = 400


def fill(count: str) -> None:
    """Tables, sessions, and a key, which is printed."""
    call_command("migrate", verbosity=0)
    project = Project.objects.default()
    given = data.sessions(data.Sizes(int(count)))
    agents: dict[str, Agent] = {}
    while chunk := list(islice(given, CHUNK)):
        built = [_session(project, agents, *each) for each in chunk]
        services.insert_sessions(project=project, built=built)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
    print(APIKey.objects.create_key(name="benchmark", project=project)[1])


def _session(
    project: Project, agents: dict[str, Agent], row: dict[str, Any], runs: list[dict[str, Any]]
) -> services.BuiltSession:
    """A session as agno's adapter would write it."""
    agent_id = row["agent_id"]
    if agent_id not in agents:
        agents[agent_id] = session_mapping.component(project, "agent", agent_id, row["agent_data"])
    written = [_run(agents[agent_id], run) for run in runs]
    new = NewSession(
        session_id=row["session_id"],
        type="agent",
        fields={"agent": agents[agent_id], **session_mapping.lossless_values(row)},
        runs=[(run["run_id"], fields) for run, (fields, _) in zip(runs, written, strict=True)],
        messages=[(NewMessage(payload), place) for place, (_, payloads) in enumerate(written) for payload in payloads],
    )
    return services.build_session(project, new)


def _run(agent: Agent, run: dict[str, Any]) -> tuple[services.RunFields, list[dict[str, Any]]]:
    values, payloads = run_mapping.lossless_values(run, {"user_id": run["user_id"], "run_type": "agent"})
    return {"agent": agent, "updated_at": values["created_at"], **values}, payloads


def write(count: str) -> None:
    """Print the runs a second that our database class takes, as ``agentos.py write`` does."""
    from agno.run.agent import RunOutput
    from agno.session import AgentSession

    from sessions_app.adapters.agno import DjangoDb

    db = DjangoDb()
    row, runs = json.loads(sys.stdin.readline())
    started = time.perf_counter()
    for _ in range(int(count)):
        run = RunOutput.from_dict({**runs[0], "run_id": str(uuid.uuid4()), "session_id": row["session_id"]})
        db.upsert_session(AgentSession.from_dict({**row, "runs": None}))
        db.upsert_run(run, session_id=row["session_id"], user_id=row["user_id"])
    print(int(count) / (time.perf_counter() - started))


if __name__ == "__main__":
    {"fill": fill, "write": write}[sys.argv[1]](*sys.argv[2:])
