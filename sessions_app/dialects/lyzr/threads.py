"""The sessions of ``/v3``: their message ids, where they were begun, and how they descend from each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from sessions_app import jsontext
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet

MAX_NODES = 1000
_MESSAGE_ID = re.compile(r"[0-9a-f]{24}")
_SEEN = ("session_id", "user_id", "agent__agent_id", "metadata", "details", "created_at", "updated_at")
"""What a session's object shows."""


def message_id(session_pk: int, position: int) -> str:
    """24 hex digits that name a message of this session, and no other's."""
    return f"{session_pk:012x}{position:012x}"


def position_of(session: Session, message_id: str) -> int | None:
    """The position of the session's message with this id; None where there is no such message."""
    if not _MESSAGE_ID.fullmatch(message_id) or int(message_id[:12], 16) != session.pk:
        return None
    position = int(message_id[12:], 16)
    return position if session.messages.filter(position=position).exists() else None


def source_of(details: Any) -> str | None:
    """Where a session was begun, of what else is kept with it."""
    source = details.get("source") if isinstance(details, dict) else None
    return source if isinstance(source, str) else None


def begun_at(sessions: SessionQuerySet, source: str) -> list[int]:
    """The primary keys of those of ``sessions`` that have this source, in their order."""
    # Details are text, which a database can only search; what it finds may be the source of something inside.
    text = f'"source":{jsontext.dumps(source)}'
    rows = sessions.alias(details_text=Cast("details", TextField())).filter(details_text__contains=text)
    return [pk for pk, details in rows.values_list("pk", "details") if source_of(details) == source]


def for_showing(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.select_related("agent").only(*_SEEN, "parent_id", "branched_at")


@dataclass(frozen=True, slots=True)
class Lineage:
    """From which sessions some others descend, as far as their reader may see: a query for each generation."""

    known: dict[int, tuple[str, int | None]]

    @classmethod
    def of(cls, visible: SessionQuerySet, sessions: Iterable[Session]) -> Lineage:
        known: dict[int, tuple[str, int | None]] = {row.pk: (row.session_id, row.parent_id) for row in sessions}
        looked_up = set(known)
        while wanted := {parent for _, parent in known.values() if parent is not None} - looked_up:
            looked_up |= wanted
            found = visible.filter(pk__in=wanted).order_by().values_list("pk", "session_id", "parent_id")
            known |= {pk: (session_id, parent) for pk, session_id, parent in found}
        return cls(known)

    def parent(self, pk: int) -> int | None:
        parent = self.known[pk][1]
        return parent if parent in self.known else None

    def ancestry(self, pk: int) -> list[int]:
        """The primary keys from the root down to this session."""
        way: dict[int, None] = {}
        step: int | None = pk
        while step is not None and step not in way:
            way[step] = None
            step = self.parent(step)
        return [*reversed(way)]

    def session_id(self, pk: int | None) -> str | None:
        return None if pk is None else self.known[pk][0]


def family(visible: SessionQuerySet, root: int) -> tuple[list[Session], bool]:
    """A session and all that descend from it, generation by generation; whether there are more than MAX_NODES."""
    rows = for_showing(visible).order_by("created_at", "pk")
    nodes = {row.pk: row for row in rows.filter(pk=root)}
    generation = list(nodes)
    while generation and len(nodes) <= MAX_NODES:
        children = rows.filter(parent__in=generation)[: MAX_NODES + 1]
        found = {row.pk: row for row in children if row.pk not in nodes}
        nodes |= found
        generation = list(found)
    return list(nodes.values())[:MAX_NODES], len(nodes) > MAX_NODES
