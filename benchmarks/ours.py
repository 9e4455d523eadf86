"""Our store with the same sessions: ``python -m benchmarks.ours fill SESSIONS`` and what else needs Django.

``DATABASE_URL`` names the database.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import CharField  # noqa: E402

from benchmarks import data  # noqa: E402
from sessions_app import services  # noqa: E402
from sessions_app.mappings.agno import runs as run_mapping  # noqa: E402
from sessions_app.mappings.agno import sessions as session_mapping  # noqa: E402
from sessions_app.models import Agent, APIKey, Message, Project, RunMetadata, Session  # noqa: E402
from sessions_app.services import NewMessage, NewSession  # noqa: E402

CHUNK = 400


def fill(sizes: str) -> None:
    """Tables, sessions of ``data.Sizes`` as JSON, and a key, which is printed."""
    call_command("migrate", verbosity=0)
    project = Project.objects.default()
    given = data.sessions(data.Sizes(**json.loads(sizes)))
    agents: dict[str, Agent] = {}
    while chunk := list(islice(given, CHUNK)):
        built = [_session(project, agents, *each) for each in chunk]
        services.insert_sessions(project=project, built=built)
    _analyze()
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


def multiply(times: str) -> None:
    """Make of each session as many: rows of the store's three big tables, with other keys and session ids."""
    for number in range(1, int(times)):
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _copying(number):
                cursor.execute(statement)
    _analyze()


def _copying(number: int) -> Iterator[str]:
    """The statements that copy all first sessions, with their runs and messages."""
    quote, most = connection.ops.quote_name, 10**9 * number
    shifted = {"id", "last_finished_run_id", "session_id", "run_id"}
    for model in (Session, RunMetadata, Message):
        columns = {quote(field.column): quote(field.column) for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            column = quote(field.column)
            if field.column in shifted and not isinstance(field, CharField):
                columns[column] = f"{column} + {most}"
            elif model is Session and field.column == "session_id":
                columns[column] = f"{column} || '-{number}'"
        yield (
            f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} FROM {quote(model._meta.db_table)} WHERE id < {10**9}"
        )


def say(word: str) -> None:
    """Put a word into the messages of a few sessions."""
    for number in range(3):
        session = Session.objects.get(session_id=data.session_id(number))
        services.append_messages(
            session=session, messages=[NewMessage({"role": "user", "content": f"Ask for {word}."})]
        )


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


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
    {"fill": fill, "multiply": multiply, "say": say, "write": write}[sys.argv[1]](*sys.argv[2:])
