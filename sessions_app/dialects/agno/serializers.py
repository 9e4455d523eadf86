"""Sessions in AgentOS' three shapes. What an AgentOS writer stored in ``details`` goes before what we know."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sessions_app.dialects.wire import iso_seconds
from sessions_app.mappings.agno.lists import session_name
from sessions_app.mappings.agno.sessions import is_agno, session_data
from sessions_app.models import Session
from sessions_app.models.usage import TOKEN_FIELDS

SHOWN = (
    *(
        "project",
        "session_id",
        "type",
        "agent",
        "user_id",
        "name",
        "opening",
        "state",
        "metadata",
        "summary",
        "details",
    ),
    *("run_count", "created_at", "updated_at", *TOKEN_FIELDS),
    *(f"agent__{column}" for column in ("agent_id", "type", "name", "model_provider", "model_name", "model_id")),
)
"""The columns that a session's shapes are made of."""


def session_detail(session: Session) -> dict[str, Any]:
    """A session in the shape of its type, with null where nothing is known, but without what was said in it."""
    if session.type == Session.Type.WORKFLOW:
        return _shared(session) | {
            "workflow_name": None,
            "session_data": session_data(session),
        }
    metrics = _metrics(session)
    shared = _shared(session) | {
        "session_summary": _summary(session.summary),
        "total_tokens": total_tokens(metrics),
        "metrics": metrics,
        "metadata": _metadata(session),
    }
    return shared if session.type == Session.Type.TEAM else {"agent_session_id": session.session_id, **shared}


def session_row(session: Session, *, is_complete: bool) -> dict[str, Any]:
    """A session as a list shows it, without the fields that are null."""
    metrics = _metrics(session) or None
    shown = {
        "session_id": session.session_id,
        "session_name": session_name(session),
        "session_state": session.state,
        "metrics": metrics,
        "total_tokens": total_tokens(metrics),
        "created_at": iso_seconds(session.created_at),
        "updated_at": iso_seconds(session.updated_at),
        "session_type": session.type,
        "user_id": session.user_id,
        f"{session.type}_id": session.agent.agent_id if session.agent else None,
        "session_summary": _shown_summary(session),
        "metadata": _metadata(session),
    }
    if is_complete:
        shown["session_data"] = session_data(session) and {
            "session_state": session.state,
            "session_metrics": metrics,
        }
        shown["summary"] = _shown_summary(session)
    return without_nulls(shown)


def without_nulls(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if value is not None}


def total_tokens(metrics: dict[str, Any] | None) -> Any:
    return (metrics or {}).get("total_tokens")


def _shared(session: Session) -> dict[str, Any]:
    agent = session.agent
    return {
        "user_id": session.user_id,
        "session_id": session.session_id,
        "session_name": session_name(session),
        "session_state": session.state,
        f"{session.type}_id": agent.agent_id if agent else None,
        f"{session.type}_data": _component_data(session),
        "metadata": session.metadata,
        "created_at": iso_seconds(session.created_at) if session.created_at.timestamp() else None,
        "updated_at": iso_seconds(session.updated_at),
    }


def _component_data(session: Session) -> Any:
    details, name = session.details, f"{session.type}_data"
    if isinstance(details, dict) and name in details:
        return details[name]
    return session.agent and session.agent.description


def _metadata(session: Session) -> Any:
    """The session's metadata; an agent's also say with which framework it is made."""
    sdk = sdk_of(session)
    known = session.metadata if isinstance(session.metadata, dict) else {}
    return {**known, "sdk": sdk} if sdk else session.metadata


def sdk_of(session: Session) -> str | None:
    """The framework behind an agent's session, where its writer named one."""
    data = _component_data(session) if session.type == Session.Type.AGENT else None
    named = [data.get(key) for key in ("sdk", "framework")] if isinstance(data, dict) else []
    return next((name for name in named if isinstance(name, str) and name), None)


def _metrics(session: Session) -> dict[str, Any] | None:
    """What an AgentOS writer keeps as metrics, else the store's sums where there is anything to count."""
    if not is_agno(session):
        return session.usage
    data = session.details["session_data"]
    stored = data.get("session_metrics") if isinstance(data, dict) else None
    if isinstance(stored, dict):
        return stored
    if any(session.usage.values()):
        return session.usage
    return {} if session_data(session) else None


def _shown_summary(session: Session) -> Any:
    """A stored summary as it is, where that is an object; a workflow has none."""
    return None if session.type == Session.Type.WORKFLOW else session.summary


def _summary(summary: Any) -> dict[str, Any] | None:
    """The three keys of a summary; one of another shape is shown as JSON text."""
    if not isinstance(summary, dict) or not summary:
        return None
    if not isinstance(summary.get("summary"), str):
        return {"summary": json.dumps(summary)}
    shown = {key: summary.get(key) for key in ("summary", "topics", "updated_at")}
    if isinstance(shown["updated_at"], str):
        shown["updated_at"] = _iso(shown["updated_at"])
    return without_nulls(shown)


def _iso(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return text
