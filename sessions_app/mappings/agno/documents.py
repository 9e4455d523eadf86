"""Sessions of agno's own databases as interchange documents (see ``sessions_app.documents``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions_app.mappings.agno import runs, sessions

_MODEL = {"model_provider": "provider", "model_id": "id"}


def document(row: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a session row with its ``runs``: what the database class would have stored of them."""
    type_ = sessions.type_of(row)
    given = [run for run in row.get("runs") or [] if isinstance(run, dict)]
    return {
        "session_id": row["session_id"],
        "type": type_,
        **_agent(row.get(f"{type_}_id"), row.get(f"{type_}_data")),
        **_seconds(sessions.lossless_values(row)),
        "runs": [_run(run) for run in given],
    }


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    kind, component_id = runs.component_of(run)
    values, payloads = runs.lossless_values(run, {"user_id": run.get("user_id"), "run_type": kind})
    model = {short: values.pop(column) for column, short in _MODEL.items()}
    who = _agent(component_id, {"name": run.get(f"{kind}_name")})
    who.pop("model", None)
    return {
        "run_id": run.get("run_id"),
        **({"agent_type": kind, **who} if who else {}),
        **_seconds(values),
        "model": model,
        "messages": payloads,
    }


def _agent(component_id: Any, data: Any) -> dict[str, Any]:
    """Who it is, and what is known of it; nothing without an id."""
    if not isinstance(component_id, str) or not component_id:
        return {}
    known = sessions.described(data)
    model = {key: value for key, value in (known["model"] or {}).items() if isinstance(value, str)}
    said = {key: model[key] for key in ("provider", "name", "id") if key in model}
    return {"agent_id": component_id, "agent_name": known["name"] or None, "model": said or None}


def _seconds(values: dict[str, Any]) -> dict[str, Any]:
    moments = {name: values[name].timestamp() for name in ("created_at", "updated_at") if values.get(name)}
    return values | moments
