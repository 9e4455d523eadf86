"""What was said in a session, as AgentOS' ``chat_history``: chat completion messages with a few keys of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sessions_app import conf, formats
from sessions_app.dialects.wire import to_json
from sessions_app.mappings.agno.runs import chat_payload
from sessions_app.models import Session
from sessions_app.reading import Unready, Wanted, texts_of

READY = 2
"""This wire's bit of ``Message.ready_for``."""
_KEYS = (
    "content",
    "reasoning_content",
    "compressed_content",
    "name",
    "tool_call_id",
    "tool_name",
    "tool_args",
    "tool_call_error",
    "tool_calls",
    "redacted_reasoning_content",
    "provider_data",
    "checkpoint_status",
    "checkpoint_created_at",
    "images",
    "audio",
    "videos",
    "files",
    "audio_output",
    "references",
    "metrics",
)


def wanted() -> Wanted:
    """What is shown of a conversation: without the roles that the site leaves out."""
    return Wanted(READY, tuple(conf.get("AGNO_CHAT_HISTORY_SKIPS_ROLES")))


def chat_history(session: Session, wanted: Wanted) -> list[str]:
    """The JSON texts of the messages that were really said."""
    return texts_of(session, wanted, _text)


def is_shown_as_it_lies(payload: Any, format: str) -> bool:
    """Whether a message that was really said is shown as its payload lies."""
    if format != formats.DEFAULT or not isinstance(payload.get("created_at"), int):
        return False
    if not all(type(payload.get(name)) is bool for name in ("from_history", "stop_after_tool_call")):
        return False
    return bool(_shown(payload, payload["role"], payload["created_at"]) == payload)


def _text(message: Unready) -> str:
    return to_json(_shown(chat_payload(message.payload, message.format), message.role, message.created_at))


def _shown(payload: dict[str, Any], role: str, created_at: datetime | int) -> dict[str, Any]:
    stated = payload.get("created_at")
    moment = created_at if isinstance(created_at, int) else int(created_at.timestamp())
    return {
        **({"id": payload["id"]} if isinstance(payload.get("id"), str) else {}),
        **{key: payload[key] for key in _KEYS if payload.get(key) not in (None, [], {})},
        "from_history": False,
        "stop_after_tool_call": payload.get("stop_after_tool_call") is True,
        "role": role,
        "created_at": stated if isinstance(stated, int) else moment,
    }
