"""What was said, as Lyzr's clients can show it, whoever wrote it and in whatever format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length

from sessions_app import formats
from sessions_app.dialects.wire import iso_naive
from sessions_app.formats import Part
from sessions_app.models import Message, Session
from sessions_app.querysets import MessageQuerySet
from sessions_app.text import as_text

SPEAKERS = ("user", "assistant")
REPLACED = "\ufffd"
"""Stands in a message's text for what some database cannot keep; the payload has the original."""
CHUNK = 500
MODULE = "FeatureType.TOOL_CALLING"


def with_text(messages: MessageQuerySet, roles: Iterable[str] = SPEAKERS) -> MessageQuerySet:
    """Messages of ``roles`` that have words: no bare tool calls."""
    # Not ``exclude(text="")``: to MariaDB, spaces are equal to nothing.
    return messages.filter(role__in=roles).alias(length=Length("text")).filter(length__gt=0).defer("payload")


def of_agent(session: Session, agent_id: str) -> MessageQuerySet:
    """The messages of this agent's runs; where the session is this agent's, also those of nobody's run."""
    by_agent = Q(run__agent__agent_id=agent_id)
    if session.agent is not None and session.agent.agent_id == agent_id:
        by_agent |= Q(run__agent__isnull=True)
    return session.messages.said().filter(by_agent).in_order()


def contents(messages: Iterable[Message]) -> Iterator[tuple[Message, str]]:
    """Each message with its text, as it was written."""
    rows = list(messages)
    unsure = [row.pk for row in rows if REPLACED in row.text]
    exact: dict[int, str] = {}
    for start in range(0, len(unsure), CHUNK):
        originals = Message.objects.using(rows[0]._state.db).filter(pk__in=unsure[start : start + CHUNK])
        exact |= {row.pk: formats.read(row.payload, row.format).text for row in originals}
    return ((row, exact[row.pk] if row.pk in exact else str(row.text)) for row in rows)


def history(messages: MessageQuerySet, *, unix: bool = False) -> list[dict[str, Any]]:
    """``{"role", "content", "created_at"}`` of each message with words."""
    rows = contents(with_text(messages).only("session_id", "role", "text", "created_at"))
    return [
        {
            "role": row.role,
            "content": text,
            "created_at": item_time(row.created_at, unix=unix),
        }
        for row, text in rows
    ]


def whole_history(session: Session, *, unix: bool = False) -> list[dict[str, Any]]:
    """The conversation's history, with input and content of the runs that have no messages."""
    said = history(Message.objects.using(session._state.db).conversation(session), unix=unix)
    silent = (
        session.runs.filter(parent_run_id=None, messages=None)
        .in_order()
        .only("session", "input", "content", "created_at")
    )
    turns = [
        {"role": role, "content": as_text(value), "created_at": item_time(run.created_at, unix=unix)}
        for run in silent
        for role, value in zip(SPEAKERS, (run.input, run.content), strict=True)
        if value not in (None, "")
    ]
    return sorted(said + turns, key=lambda item: item["created_at"]) if turns else said


def item_time(moment: datetime, *, unix: bool) -> float | str:
    """Epoch seconds, or ISO text that sorts as the moments do."""
    return moment.timestamp() if unix else iso_naive(moment)


def transcript(items: list[dict[str, Any]]) -> str:
    """The items of a history as one text, each on a new line."""
    return "\n".join(f"{item['role']}: {item['content']}" for item in items)


def activities(session: Session, user_id: str) -> list[dict[str, Any]]:
    """What the agent thought, called and was told while it worked for this user, in order."""
    of_user = Q(run__user_id=user_id)
    if session.user_id == user_id:
        of_user |= Q(run__user_id__isnull=True)
    rows = session.messages.said().filter(of_user).exclude(role__in=("user", "system", "developer")).in_order()
    return [
        {
            "_id": f"{row.pk:016x}{index:08x}",
            "session_id": session.session_id,
            "user_id": user_id,
            "log_data": {"module": MODULE, "content": content},
            "time_stamp": f"{row.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        }
        for row in rows.only("session_id", "payload", "format", "created_at")
        for index, content in enumerate(_steps(formats.read(row.payload, row.format).parts))
    ]


def _steps(parts: list[Part]) -> Iterator[str]:
    for part in parts:
        if part["type"] == "reasoning":
            yield f"THOUGHT: {part['content']}"
        elif part["type"] == "tool_call":
            yield f"ACTION: {part['name']}({_as_text(part.get('arguments'))})"
        elif part["type"] == "tool_call_response":
            yield f"OBSERVATION: {_as_text(part.get('response'))}"


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
