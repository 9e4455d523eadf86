"""Session rows of agno's own tables.

A session's ``details`` hold ``session_data`` (without the name and the state, which have columns) and ``agent_data``,
``team_data``, ``workflow_data``. That ``session_data`` is there says: an agno writer keeps this session. What no column
can say stands there, too: ids of other components than the session's own, metadata that a JSON column refuses
(``METADATA``), and where numbers stood that JSON cannot say (``NOT_FINITE``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sessions_app import jsontext, notfinite, services
from sessions_app.models import Agent, Project, Session
from sessions_app.text import as_text, is_storable, storable

COMPONENTS = ("agent", "team", "workflow")
METADATA = "_metadata"
NOT_FINITE = "_not_finite"
_OWN_DETAILS = {"session_data", METADATA, NOT_FINITE, *(f"{kind}_{of}" for kind in COMPONENTS for of in ("id", "data"))}


def store_session(project: Project, row: Mapping[str, Any]) -> Session:
    """Keep a session row. Raises SessionExists, InvalidValue."""
    return create_session(project, row, session_values(row))


def create_session(project: Project, row: Mapping[str, Any], values: dict[str, Any]) -> Session:
    """A session of the row's id, type and component, with these columns. Raises SessionExists, InvalidValue."""
    type_ = type_of(row)
    agent = component(project, type_, row.get(f"{type_}_id"), row.get(f"{type_}_data"))
    return services.create_session(project=project, session_id=row.get("session_id"), type=type_, agent=agent, **values)


def session_values(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a session that a row fills, besides its id, type and component."""
    data = row.get("session_data")
    moments = {name: moment_of(row.get(name)) for name in ("created_at", "updated_at")}
    return {
        "user_id": row.get("user_id"),
        "metadata": row.get("metadata"),
        "summary": row.get("summary"),
        "details": _details_of(row),
        **_name_and_state(data),
        **{name: moment for name, moment in moments.items() if moment is not None},
    }


def lossless_values(row: Mapping[str, Any], details: Any = None) -> dict[str, Any]:
    """As ``session_values``, for writers in Python: also what JSON, or a JSON column, cannot say is kept.

    Of the ``details`` that the session has already, what others keep there stays.
    """
    plain, places = notfinite.set_aside(dict(row))
    values = session_values(plain)
    foreign = {key: value for key, value in (details or {}).items() if key not in _OWN_DETAILS}
    values["details"] = foreign | values["details"]
    if places:
        values["details"][NOT_FINITE] = places
    name = values["name"]
    if name is not None and not is_storable(name):
        values["name"] = storable(name)
        values["details"]["session_data"]["session_name"] = name
    metadata = values["metadata"]
    if metadata is not None and not _fits_column(metadata):
        values["details"][METADATA] = values.pop("metadata")
        values["metadata"] = None
    return values


def session_row(session: Session) -> dict[str, Any]:
    """The row of a stored session, as its writer in Python gave it, with what has changed since."""
    details = session.details if isinstance(session.details, dict) else {}
    agent = session.agent
    own = {f"{agent.type}_id": agent.agent_id} if agent else {}
    described = {f"{agent.type}_data": agent.description} if agent and not is_agno(session) else {}
    row = {
        "session_id": session.session_id,
        "session_type": session.type,
        **{f"{kind}_id": details.get(f"{kind}_id", own.get(f"{kind}_id")) for kind in COMPONENTS},
        "user_id": session.user_id,
        "session_data": _data_with_costs(session),
        **{f"{kind}_data": details.get(f"{kind}_data", described.get(f"{kind}_data")) for kind in COMPONENTS},
        "metadata": details.get(METADATA, session.metadata),
        "summary": session.summary,
        "created_at": int(session.created_at.timestamp()),
        "updated_at": int(session.updated_at.timestamp()),
    }
    places = details.get(NOT_FINITE)
    return notfinite.put_back(row, places) if places else row


def session_data(session: Session) -> Any:
    """``session_data`` as it is now; of a session written otherwise, its name and state."""
    details = session.details if isinstance(session.details, dict) else {}
    stored = details.get("session_data")
    if stored is not None and not isinstance(stored, dict):
        stored = None
    kept = dict(stored or {})
    if session.name is not None and not (kept.get("session_name") and _shown(kept["session_name"]) == session.name):
        kept["session_name"] = session.name
    if session.state is not None:
        kept["session_state"] = session.state
    return kept if kept or stored is not None else None


def is_agno(session: Session) -> bool:
    """Whether an agno writer keeps this session."""
    return isinstance(session.details, dict) and "session_data" in session.details


def type_of(row: Mapping[str, Any]) -> str:
    """The stored type of a row, else the one that its ids say."""
    found: str = row.get("session_type") or next((kind for kind in COMPONENTS if row.get(f"{kind}_id")), "agent")
    return found


def component(
    project: Project, type: str, component_id: Any, data: Any, *, in_hand: Agent | None = None
) -> Agent | None:
    """The agent, team or workflow behind an id; what its ``data`` says fills what is not known of it yet."""
    if not isinstance(component_id, str) or not component_id:
        return None
    known = described(data)
    return services.ensure_agent(
        project=project, agent_id=component_id, type=type, name=known["name"], model=known["model"], in_hand=in_hand
    )


def described(data: Any) -> dict[str, Any]:
    """Name and model out of a component's data."""
    known = data if isinstance(data, dict) else {}
    name, model = known.get("name"), known.get("model")
    return {"name": name if isinstance(name, str) else "", "model": model if isinstance(model, dict) else None}


def moment_of(seconds: Any) -> datetime | None:
    """The moment of whole epoch seconds; None for what is none, or lies out of a database's reach."""
    is_moment = type(seconds) is int and 0 <= seconds < 253_370_764_800  # the year 9999
    return datetime.fromtimestamp(seconds, UTC) if is_moment else None


def _details_of(row: Mapping[str, Any]) -> dict[str, Any]:
    data = kept = row.get("session_data")
    if isinstance(data, dict):
        columns = _name_and_state(data)
        kept = {key: value for key, value in data.items() if not _is_in_column(key, value, columns)}
    own = type_of(row)
    ids = {f"{kind}_id": row.get(f"{kind}_id") for kind in COMPONENTS}
    strange = {name: value for name, value in ids.items() if value is not None and not (value and name == f"{own}_id")}
    return {"session_data": kept, **{f"{kind}_data": row.get(f"{kind}_data") for kind in COMPONENTS}, **strange}


def _name_and_state(data: Any) -> dict[str, Any]:
    """The columns that hold a part of ``session_data``. A name that is no text is kept as the text that it shows."""
    known = data if isinstance(data, dict) else {}
    name = known.get("session_name")
    return {"name": None if name is None else as_text(name), "state": known.get("session_state")}


def _data_with_costs(session: Session) -> Any:
    """``session_data``; where no agno writer keeps the session yet, the store's sums take the place of its metrics."""
    data = session_data(session)
    costs = {name: tokens for name, tokens in session.usage.items() if tokens}
    return {**(data or {}), "session_metrics": costs} if costs and not is_agno(session) else data


def _fits_column(metadata: Any) -> bool:
    """Whether a JSON column gives metadata back as it is: PostgreSQL writes 1e23 out, and -0.0 without its sign."""
    if not isinstance(metadata, dict) or not jsontext.is_filterable(metadata):
        return False
    floats: list[str] = []
    json.loads(json.dumps(metadata), parse_float=floats.append)
    return not any("e" in digits or digits == "-0.0" for digits in floats)


def _shown(name: Any) -> str:
    return storable(as_text(name))


def _is_in_column(key: str, value: Any, columns: Mapping[str, Any]) -> bool:
    if key == "session_name":
        return isinstance(value, str)
    return key == "session_state" and columns["state"] is not None
