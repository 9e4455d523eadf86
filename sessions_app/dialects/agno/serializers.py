"""Sessions in AgentOS' three shapes. What an AgentOS writer stored in ``details`` goes before what we know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rest_framework import serializers

from sessions_app import conf, formats
from sessions_app.dialects.fields import TextField
from sessions_app.dialects.wire import iso_seconds
from sessions_app.formats import openai_chat
from sessions_app.models import Message, Session

_MESSAGE_KEYS = (
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


class SessionParameters(serializers.Serializer[Any]):
    """Query parameters of one session."""

    type = serializers.ChoiceField(choices=Session.Type.values, required=False, help_text="Type of the session.")
    db_id = serializers.CharField(required=False, allow_blank=True, help_text="Id of the database.")
    table = serializers.CharField(required=False, allow_blank=True, help_text="Table, where `db_id` is given.")
    user_id = TextField(required=False, help_text="Only if it is this user's session.")


class SessionDetail(serializers.Serializer[Any]):
    """What the three shapes share. Fields that are null are left out."""

    session_id = serializers.CharField()
    session_name = serializers.CharField()
    user_id = serializers.CharField(required=False)
    session_state = serializers.DictField(required=False)
    metadata = serializers.DictField(required=False)
    created_at = serializers.DateTimeField(required=False)
    updated_at = serializers.DateTimeField(required=False)


class AgentSessionDetail(SessionDetail):
    agent_session_id = serializers.CharField()
    agent_id = serializers.CharField(required=False)
    agent_data = serializers.DictField(required=False)
    session_summary = serializers.DictField(required=False)
    total_tokens = serializers.IntegerField(required=False)
    metrics = serializers.DictField(required=False)
    chat_history = serializers.ListField(child=serializers.DictField())


class TeamSessionDetail(SessionDetail):
    team_id = serializers.CharField(required=False)
    team_data = serializers.DictField(required=False)
    session_summary = serializers.DictField(required=False)
    total_tokens = serializers.IntegerField(required=False)
    metrics = serializers.DictField(required=False)
    chat_history = serializers.ListField(child=serializers.DictField())


class WorkflowSessionDetail(SessionDetail):
    workflow_id = serializers.CharField(required=False)
    workflow_name = serializers.CharField(required=False)
    workflow_data = serializers.DictField(required=False)
    session_data = serializers.DictField(required=False)


def session_detail(session: Session, messages: Iterable[Message]) -> dict[str, Any]:
    """A session in the shape of its type, with null where nothing is known."""
    if session.type == Session.Type.WORKFLOW:
        return _shared(session) | {
            "workflow_name": None,
            "session_data": _session_data(session),
        }
    shared = _shared(session) | {
        "session_summary": _summary(session.summary),
        "total_tokens": _metrics(session).get("total_tokens"),
        "metrics": _metrics(session),
        "chat_history": chat_history(messages),
    }
    return shared if session.type == Session.Type.TEAM else {"agent_session_id": session.session_id, **shared}


def _shared(session: Session) -> dict[str, Any]:
    agent = session.agent
    return {
        "user_id": session.user_id,
        "session_id": session.session_id,
        "session_name": session.name if session.name is not None else session.opening or "",
        "session_state": session.state,
        f"{session.type}_id": agent.agent_id if agent else None,
        f"{session.type}_data": _details(session).get(f"{session.type}_data", agent and agent.description),
        "metadata": session.metadata,
        "created_at": iso_seconds(session.created_at),
        "updated_at": iso_seconds(session.updated_at),
    }


def _details(session: Session) -> dict[str, Any]:
    return session.details if isinstance(session.details, dict) else {}


def _stored_session_data(session: Session) -> dict[str, Any] | None:
    stored = _details(session).get("session_data")
    return stored if isinstance(stored, dict) else None


def _session_data(session: Session) -> dict[str, Any]:
    named = {"session_name": session.name, "session_state": session.state}
    return {**(_stored_session_data(session) or {}), **{k: v for k, v in named.items() if v is not None}}


def _metrics(session: Session) -> dict[str, Any]:
    stored = _stored_session_data(session)
    if stored is None:
        return session.usage
    metrics = stored.get("session_metrics")
    return metrics if isinstance(metrics, dict) else {}


def _summary(summary: Any) -> dict[str, Any] | None:
    """The three keys of a summary; one of another shape is shown as JSON text."""
    if not isinstance(summary, dict) or not summary:
        return None
    if not isinstance(summary.get("summary"), str):
        return {"summary": json.dumps(summary)}
    shown = {key: summary.get(key) for key in ("summary", "topics", "updated_at")}
    if isinstance(shown["updated_at"], str):
        shown["updated_at"] = _iso(shown["updated_at"])
    return {key: value for key, value in shown.items() if value is not None}


def _iso(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return text


def chat_history(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The messages that were really said, without the roles that the site leaves out."""
    skipped = conf.get("AGNO_CHAT_HISTORY_SKIPS_ROLES")
    return [history_message(message) for message in messages if message.role not in skipped]


def history_message(message: Message) -> dict[str, Any]:
    """A message as AgentOS' chat history has it: a chat completion message with a few keys of its own."""
    payload = message.payload
    if message.format != formats.DEFAULT:
        payload = openai_chat.render(formats.read(payload, message.format))
    created_at = payload.get("created_at")
    return {
        **({"id": payload["id"]} if isinstance(payload.get("id"), str) else {}),
        **{key: payload[key] for key in _MESSAGE_KEYS if payload.get(key) not in (None, [], {})},
        "from_history": message.from_history,
        "stop_after_tool_call": payload.get("stop_after_tool_call") is True,
        "role": message.role,
        "created_at": created_at if isinstance(created_at, int) else int(message.created_at.timestamp()),
    }
