"""What agno writes, each in one transaction."""

from __future__ import annotations

from datetime import datetime

from sessions_app import services
from sessions_app.adapters.agno.objects import Row, own_columns
from sessions_app.adapters.merging import merge
from sessions_app.exceptions import InvalidValue, SessionExists, SessionNotFound
from sessions_app.mappings.agno import runs as run_mapping
from sessions_app.mappings.agno import sessions as session_mapping
from sessions_app.models import Project, RunMetadata, Session
from sessions_app.services import NewMessage, rollups
from sessions_app.services.agents import agent_of
from sessions_app.transactions import atomic_write

METRICS = "session_metrics"
CANCELLABLE = ("PENDING", "RUNNING")
ACTIVE = ("PENDING", "RUNNING", "PAUSED")


@atomic_write
def write_session(project: Project, mine: Row, held: Row | None, updated_at: datetime | None = None) -> Session | None:
    """Make a session, or change one as its writer has changed it since ``held``; None where it is somebody else's.

    Without ``held`` the writer's columns replace the stored ones whole.
    """
    session_id = mine["session_id"]
    if not isinstance(session_id, str) or not session_id:
        raise InvalidValue("A session needs an id", location=("session_id",))
    try:
        locked = rollups.lock_with_id(project, session_id)
    except SessionNotFound:
        try:
            values = session_mapping.lossless_values(mine)
            values["updated_at"] = updated_at or values.get("created_at")
            given = {name: value for name, value in values.items() if value is not None}
            return session_mapping.create_session(project, mine, given)
        except SessionExists:
            locked = rollups.lock_with_id(project, session_id)
    return _change_session(locked, mine, held, updated_at)


def _change_session(locked: Session, mine: Row, held: Row | None, updated_at: datetime | None) -> Session | None:
    if locked.user_id not in (None, mine["user_id"]):
        return None
    agent = agent_of(locked)
    stored = session_mapping.session_row(locked)
    new = {**stored, "user_id": mine["user_id"]}
    for name in own_columns(mine):
        new[name] = mine[name]
        if held is not None:
            new[name] = merge(held.get(name), mine[name], stored[name], counters=(METRICS,))
    values = session_mapping.lossless_values(new, locked.details)
    values["updated_at"] = updated_at
    kind = locked.type
    agent = session_mapping.component(locked.project, kind, new[f"{kind}_id"], new[f"{kind}_data"], in_hand=agent)
    return services.update_session(session=locked, is_locked=True, agent=agent, **values)


@atomic_write
def write_run(project: Project, session_id: str, run: Row, row: Row, position: int | None) -> None:
    """Keep a run, or make the stored one say what this says; its position stays. Raises SessionNotFound."""
    values, payloads = run_mapping.lossless_values(run, row)
    messages = [NewMessage(payload) for payload in payloads]
    session = rollups.lock_with_id(project, session_id, to_append=True)
    agent = run_mapping.agent_of(project, run, in_hand=agent_of(session))
    stored, is_new = services.record_run(
        session=session,
        is_locked=True,
        run_id=run["run_id"],
        messages=messages,
        position=position,
        agent=agent,
        **values,
    )
    if not is_new:
        services.rewrite_run(run=stored, messages=messages, agent=agent, **values)
    elif any(payload.get("from_history") for payload in payloads):
        services.rehide(session=session)


@atomic_write
def cancel_run(run: RunMetadata, *, reason: str, user_id: str | None, expected_status: str) -> bool:
    """Cancel a run that is still as expected, and its user's or nobody's; ``reason`` where it has no content."""
    rollups.lock_session_of(run)
    run.refresh_from_db()
    if run.status != expected_status or run.user_id not in (None, user_id):
        return False
    explained = {"content": reason} if run.content in (None, "") else {}
    services.update_run(run=run, status=RunMetadata.Status.CANCELLED.value, **explained)  # type: ignore[arg-type]
    return True


@atomic_write
def give_session(session: Session, *, previous_user_id: str, user_id: str | None) -> bool:
    """Give an idle session of one user to another. Nothing else of it changes."""
    locked = rollups.lock(session)
    active = RunMetadata.objects.using(locked._state.db).filter(session=locked, status__in=ACTIVE)
    if locked.user_id != previous_user_id or active.exists():
        return False
    services.update_session(session=locked, user_id=user_id, updated_at=locked.updated_at)
    return True
