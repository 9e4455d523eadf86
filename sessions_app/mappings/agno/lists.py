"""Lists of sessions: agno's filters and orders, none of which reads a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connections
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Collate

from sessions_app.mappings.agno.sessions import COMPONENTS
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet

_TEXTS = {"session_id": "session_id", "session_type": "type", "user_id": "user_id"}
SORTS = {
    *("created_at", "updated_at", "metadata", "summary", "session_data", *_TEXTS),
    *(f"{kind}_{of}" for kind in COMPONENTS for of in ("id", "data")),
}
"""Columns of AgentOS' sessions that can be sorted by."""
_NEVER_NULL = {"created_at", "updated_at"}
_NEWEST = ("-created_at", "-pk")


def filtered(sessions: SessionQuerySet, asked: Mapping[str, Any]) -> SessionQuerySet:
    """Those with the asked ``type``, ``component_id`` (of whatever type) and part of their ``session_name``."""
    if asked.get("type"):
        sessions = sessions.filter(type=asked["type"])
    if asked.get("component_id"):
        sessions = sessions.for_agent(asked["component_id"])
    if asked.get("session_name"):
        sessions = _named(sessions, asked["session_name"], asked.get("type"))
    return sessions


def _named(sessions: SessionQuerySet, text: str, type: str | None) -> SessionQuerySet:
    """Sessions that are shown under a name with ``text`` in it, whatever its case, in every script."""
    # By these two conditions PostgreSQL finds what COALESCE(name, opening) has, each by an index of its own.
    named = Q(name__icontains=text) | Q(name=None, opening__icontains=text)
    if type not in {None, Session.Type.WORKFLOW}:
        return sessions.filter(named)
    untitled = sessions.filter(type=Session.Type.WORKFLOW, name=None, opening=None, run_count__gt=0).order_by()
    titled = [pk for pk, details in untitled.values_list("pk", "details") if _has(workflow_title(details), text)]
    return sessions.filter(named | Q(pk__in=titled) if titled else named)


def session_name(session: Session) -> str:
    """The name that somebody gave, else the one that follows from what the session opens with."""
    if session.name is not None:
        return str(session.name)
    if session.opening is None and session.type == Session.Type.WORKFLOW and session.run_count:
        return workflow_title(session.details)
    opening: str | None = session.opening
    return opening or ""


def workflow_title(details: Any) -> str:
    """What a workflow's session is called whose first run had no input."""
    data = details.get("workflow_data") if isinstance(details, dict) else None
    name = data.get("name") if isinstance(data, dict) else None
    return f"New {name} Session" if name else ""


def _has(title: str, text: str) -> bool:
    return text.lower() in title.lower()


def ordered(sessions: SessionQuerySet, sort_by: str = "created_at", sort_order: str | None = None) -> SessionQuerySet:
    """In the order that was asked for; what is equal in it, and all of an unknown order, newest first."""
    column = _column(sort_by, connections[sessions.db].vendor)
    is_ascending = sort_order == "asc"
    if column is None:
        return sessions.order_by(*_NEWEST)
    if sort_by in _NEVER_NULL:  # Nulls that there are none of would keep the database from reading an index in order.
        return sessions.order_by(sort_by if is_ascending else f"-{sort_by}", *_NEWEST)
    first = column.asc(nulls_first=True) if is_ascending else column.desc(nulls_last=True)
    return sessions.order_by(first, *_NEWEST)


def from_row_on(sessions: SessionQuerySet, sort_order: str | None, moment: str, key: int) -> SessionQuerySet:
    """Those from one row on, as ``ordered`` by ``created_at``; ``moment`` is that row's, as the database says it."""
    beyond, at = "gt" if sort_order == "asc" else "lt", Value(moment, CharField())
    later = Q(**{f"created_at__{beyond}": at}) | Q(created_at=at, pk__lte=key)
    return sessions.filter(later, **{f"created_at__{beyond}e": at})  # By the latter an index finds the row.


def _column(name: str, vendor: str) -> Any:
    """What a name in ``sort_by`` orders by; None for a name that is no column of AgentOS' sessions."""
    if name in {"created_at", "updated_at", "metadata", "summary"}:
        return F(name)
    if name == "session_data":
        return F("details")
    column: Combinable | None = F(_TEXTS[name]) if name in _TEXTS else None
    for kind in COMPONENTS:
        if name == f"{kind}_id":
            column = Case(When(agent__type=kind, then=F("agent__agent_id")), default=Value(None))
        elif name == f"{kind}_data":
            return Case(When(type=kind, agent__isnull=False, then=F("details")), default=Value(None))
    return Collate(column, "C") if column is not None and vendor == "postgresql" else column
