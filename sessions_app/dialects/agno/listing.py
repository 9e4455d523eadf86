"""The list of sessions: filters, orders and pages, in a bounded number of queries and without any run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sessions_app.dialects.agno.serializers import session_row
from sessions_app.mappings.agno.lists import filtered, ordered
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet

DEFAULT_LIMIT = 20


def page(sessions: SessionQuerySet, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The page that was asked for, as AgentOS wraps it."""
    limit, number = asked.get("limit", DEFAULT_LIMIT), asked.get("page", 1)
    found = filtered(sessions, asked)
    total, start = found.count(), (max(number, 1) - 1) * limit
    rows: list[Session] = []
    if start < total:
        shown = ordered(found, asked).select_related("agent").defer("index_ids", "generated_title")
        rows = list(shown[start : start + limit])
    return {
        "data": [session_row(session) for session in rows],
        "meta": {
            "page": number,
            "limit": limit,
            "total_pages": -(-total // limit),
            "total_count": total,
            "search_time_ms": 0.0,
        },
    }
