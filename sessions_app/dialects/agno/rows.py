"""Rows of AgentOS' session table, as its endpoints make and delete them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sessions_app import services
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.text import is_storable

RESERVED_METADATA = {"agno_dispatch_chain", "agno_dispatch_depth", "agno_component_version"}
"""Keys that AgentOS' own dispatcher trusts, so that no client may set them."""
CHUNK = 500


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
