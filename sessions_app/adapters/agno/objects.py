"""Agno's session and run objects, and the rows that they stand for.

A session object that we hand out remembers what it held then. When it comes back, what its holder has changed can be
told from what is only old, so that parallel runs of one session do not undo each other. That nobody had a session is
remembered, too: the new object that its reader then makes has changed everything, since nothing.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from agno.db.utils import deserialize_run, deserialize_session, get_run_type, json_serializer
from agno.session import AgentSession, TeamSession, WorkflowSession

Row = dict[str, Any]
SHARED = ("session_data", "summary", "metadata")
"""Columns that a writer replaces, besides the user and its own id and data."""
_HELD = "_held_in_agent_sessions"
_KINDS = {AgentSession: "agent", TeamSession: "team", WorkflowSession: "workflow"}
_MISSED = 64
_missed: ContextVar[tuple[tuple[object, str], ...]] = ContextVar("agent_sessions_missed", default=())


def plain(value: Any) -> Any:
    """``value`` as agno's own databases give it back: made of JSON's types. Raises TypeError."""
    return json.loads(json_serializer(value))


def row_of(session: Any) -> Row:
    """The row that a session object wants to be. Raises TypeError for what is no session."""
    kind = next((kind for type_, kind in _KINDS.items() if isinstance(session, type_)), None)
    if kind is None:
        raise TypeError(f"{type(session).__name__} is no session that agno stores")
    said = plain(session.to_dict(include_runs=False))
    names = ("session_id", f"{kind}_id", f"{kind}_data", "user_id", *SHARED, "created_at", "updated_at")
    return {"session_type": kind, **{name: said.get(name) for name in names}}


def own_columns(row: Row) -> tuple[str, ...]:
    """The columns that a session object of this row may change."""
    return (f"{row['session_type']}_id", f"{row['session_type']}_data", *SHARED)


def handed_out(session_type: Any, row: Row) -> Any:
    """The session object of a row, which remembers what it holds."""
    session = deserialize_session(session_type, row)
    setattr(session, _HELD, (False, session_type, json.dumps({**row, "runs": None})))
    return session


def remember(session: Any, row: Row) -> None:
    """Let a session object remember that it holds just this, its ``row_of``."""
    setattr(session, _HELD, (True, None, json.dumps(row)))


def held(session: Any, store: object) -> Row | None:
    """What a session object held when we handed it out; None where it is not ours, so that it replaces what is there.

    Of an object made by somebody who was just told that there is no such session: nothing, ``{}``.
    """
    found = _held_by(session)
    key = (store, session.session_id)
    if key in _missed.get():
        _missed.set(tuple(missed for missed in _missed.get() if missed != key))
        return found or {}
    return found


def _held_by(session: Any) -> Row | None:
    """What the object remembers: as text, since it must not change with the object, and few are ever asked."""
    kept = getattr(session, _HELD, None)
    if kept is None:
        return None
    is_row_of, session_type, text = kept
    row: Row = json.loads(text)
    return row if is_row_of else row_of(deserialize_session(session_type, row))


def miss(session_id: str, store: object) -> None:
    """Remember that this caller was told that there is no such session."""
    _missed.set((*_missed.get(), (store, session_id))[-_MISSED:])


def run_dicts(runs: Any) -> list[Row]:
    return [run if isinstance(run, dict) else run.to_dict() for run in runs or []]


def run_object(row: Row) -> Any:
    return deserialize_run(row["run_type"], row["run_data"])


def run_type(run: Any) -> str:
    return str(get_run_type(run))
