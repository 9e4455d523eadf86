"""What AgentOS' endpoints make of their bodies, and do with rows that lie in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sessions_app import services
from sessions_app.mappings.agno.runs import agno_run_dict, chat_payload, run_dict, store_run
from sessions_app.mappings.agno.sessions import COMPONENTS, session_data, store_session
from sessions_app.models import Project, Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.text import is_storable

__all__ = [
    "COMPONENTS",
    "agno_run_dict",
    "chat_payload",
    "delete_sessions",
    "new_row",
    "run_dict",
    "session_data",
    "store_rows",
    "store_run",
    "store_session",
    "without_reserved",
]

RESERVED_METADATA = {"agno_dispatch_chain", "agno_dispatch_depth", "agno_component_version"}
"""Keys that AgentOS' own dispatcher trusts, so that no client may set them."""
CHUNK = 500


def store_rows(project: Project, sessions: Iterable[Mapping[str, Any]], runs: Iterable[Mapping[str, Any]]) -> None:
    """Keep the rows of AgentOS' two tables. Runs do not move their session's ``updated_at``."""
    stored = {row["session_id"]: store_session(project, row) for row in sessions}
    for row in sorted(runs, key=lambda row: (row.get("run_index") or 0, row.get("created_at") or 0, row["run_id"])):
        store_run(stored[row["session_id"]], row["run_data"])
    for session in stored.values():
        services.update_session(session=session, updated_at=session.updated_at)


def new_row(type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a session that AgentOS makes: of the component ids it keeps the type's own."""
    data = {key: given[key] for key in ("session_name", "session_state") if key in given}
    least: dict[str, Any] | None = {} if type == Session.Type.WORKFLOW else None
    metadata = without_reserved(given["metadata"]) if "metadata" in given else None
    return {
        "session_id": given.get("session_id") or None,
        "session_type": type,
        "user_id": given.get("user_id"),
        f"{type}_id": given.get(f"{type}_id"),
        "session_data": data or least,
        "workflow_data": least,
        "metadata": least if metadata is None else metadata,
    }


def delete_sessions(sessions: SessionQuerySet, session_ids: Iterable[str]) -> None:
    """Delete those of ``sessions`` that have one of these ids; others are passed over."""
    wanted = [session_id for session_id in dict.fromkeys(session_ids) if is_storable(session_id)]
    for start in range(0, len(wanted), CHUNK):
        services.delete_sessions(sessions=sessions.filter(session_id__in=wanted[start : start + CHUNK]))


def without_reserved(metadata: dict[str, Any]) -> dict[str, Any] | None:
    """Metadata without the reserved keys; None where nothing else was there."""
    kept = {key: value for key, value in metadata.items() if key not in RESERVED_METADATA}
    return None if metadata and not kept else kept
