"""The store's rows in Lyzr's shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions_app.dialects.fields import ObjectField
from sessions_app.dialects.lyzr.threads import Lineage, message_id, source_of
from sessions_app.dialects.wire import iso_naive
from sessions_app.models import Message, RunMetadata, Session

_TIME = "UTC, with microseconds and without a zone."


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}]})
class TimeField(serializers.CharField):
    """A time in either form."""


def metadata_of(session: Session) -> dict[str, Any]:
    return session.metadata if isinstance(session.metadata, dict) else {}


def session_name(session: Session) -> str:
    """``metadata.title``, else the session's name, else the first user message, else ""."""
    title = metadata_of(session).get("title")
    return title if isinstance(title, str) and title else session.name or session.opening or ""


class SessionSummarySerializer(serializers.Serializer[Session]):
    """The stored summary; an empty object where there is none."""

    summary = serializers.JSONField(help_text="The summary object of the session.")

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {"summary": session.summary or {}}


class AgentSessionsSerializer(serializers.Serializer[Any]):
    """The ids of an agent's sessions, newest first."""

    sessions = serializers.ListField(child=serializers.CharField(), help_text="Session ids.")


class LyzrPublishedSessionsSerializer(serializers.Serializer[Any]):
    published_sessions = serializers.ListField(child=serializers.CharField(), help_text="Session ids, newest first.")


class LyzrSessionIdSerializer(serializers.Serializer[Any]):
    session_id = serializers.CharField(help_text="Id of the session.")


class LyzrDeletedSessionSerializer(LyzrSessionIdSerializer):
    deleted = serializers.BooleanField(help_text="Always true.")


class LyzrUpdatedSessionSerializer(LyzrSessionIdSerializer):
    metadata = ObjectField(help_text="The stored metadata.")

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {"session_id": session.session_id, "metadata": metadata_of(session)}


class LyzrSessionSerializer(LyzrSessionIdSerializer):
    active = serializers.BooleanField(help_text="Whether the newest run is pending or running.")
    _id = serializers.CharField(help_text="Another id of the session, of 24 hex digits.")
    user_id = serializers.CharField(allow_null=True, help_text="Whose session it is.")
    created_at = serializers.CharField(help_text=_TIME)

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {
            "active": session.last_run_status in RunMetadata.UNFINISHED,
            "session_id": session.session_id,
            "_id": f"{session.pk:024x}",
            "user_id": session.user_id,
            "created_at": iso_naive(session.created_at),
        }


class LyzrUserSessionSerializer(LyzrSessionIdSerializer):
    created_at = serializers.CharField(help_text=_TIME)

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {"session_id": session.session_id, "created_at": iso_naive(session.created_at)}


class LyzrObservedSessionSerializer(serializers.Serializer[Any]):
    """A row of an agent's sessions, in the shape that clients in the wild read."""

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {
            "session_id": session.session_id,
            "session_name": session_name(session),
            "user_id": session.user_id,
            "created_at": iso_naive(session.created_at),
        }


class LyzrObservedPublishedSerializer(serializers.Serializer[Any]):
    """A row of an agent's published sessions, in the shape that clients in the wild read."""

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {
            "agent_id": self.context["agent_id"],
            "session_id": session.session_id,
            "session_name": session_name(session),
            "metadata": metadata_of(session),
            "created_at": iso_naive(session.created_at),
        }


class LyzrHistoryItemSerializer(serializers.Serializer[Any]):
    role = serializers.CharField(help_text="user or assistant.")
    content = serializers.CharField(help_text="What was said.")
    created_at = TimeField(help_text=f"{_TIME} With unix=true epoch seconds.")


class LyzrHistorySerializer(serializers.Serializer[Any]):
    history = LyzrHistoryItemSerializer(many=True, help_text="Oldest first.")


class LyzrConversationSerializer(serializers.Serializer[Any]):
    conversation = LyzrHistoryItemSerializer(many=True, help_text="Oldest first.")


class LyzrLogSerializer(serializers.Serializer[Any]):
    module = serializers.CharField(help_text="FeatureType.TOOL_CALLING")
    content = serializers.CharField(help_text="THOUGHT, ACTION or OBSERVATION, a colon, and what it was.")


class LyzrActivitySerializer(serializers.Serializer[Any]):
    _id = serializers.CharField(help_text="24 hex digits.")
    session_id = serializers.CharField(help_text="Id of the session.")
    user_id = serializers.CharField(help_text="As asked.")
    log_data = LyzrLogSerializer()
    time_stamp = serializers.CharField(help_text="UTC, as 2024-09-05 09:10:31.")


class LyzrThreadSerializer(LyzrSessionIdSerializer):
    """A session of ``/v3``, with where it branches from."""

    user_id = serializers.CharField(allow_null=True, help_text="Whose session it is.")
    org_id = serializers.CharField(help_text="Id of the organization.")
    agent_id = serializers.CharField(allow_null=True, help_text="Id of the agent.")
    metadata = ObjectField()
    created_at = serializers.CharField(help_text=_TIME)
    updated_at = serializers.CharField(allow_null=True, help_text="Null where nothing has changed since.")
    parent_session_id = serializers.CharField(allow_null=True, help_text="The session that it branches from.")
    branched_from_message_id = serializers.CharField(allow_null=True, help_text="The last message that both share.")
    root_session_id = serializers.CharField(allow_null=True, help_text="The first session of a branch's tree.")
    source = serializers.CharField(allow_null=True, help_text="Where the session was begun.")  # type: ignore[assignment]

    def to_representation(self, session: Session) -> dict[str, Any]:
        lineage: Lineage = self.context["lineage"]
        parent, position = lineage.parent(session.pk), session.branched_at
        shared = None if parent is None or position is None else message_id(parent, position)
        return {
            "session_id": session.session_id,
            "user_id": session.user_id,
            "org_id": self.context["org_id"],
            "agent_id": session.agent.agent_id if session.agent else None,
            "metadata": metadata_of(session),
            "created_at": iso_naive(session.created_at),
            "updated_at": None if session.updated_at == session.created_at else iso_naive(session.updated_at),
            "parent_session_id": lineage.session_id(parent),
            "branched_from_message_id": shared,
            "root_session_id": lineage.session_id(lineage.ancestry(session.pk)[0]) if parent is not None else None,
            "source": source_of(session.details),
        }


class LyzrPageSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Items on all pages.")
    limit = serializers.IntegerField(help_text="As asked.")
    offset = serializers.IntegerField(help_text="As asked.")
    has_more = serializers.BooleanField(help_text="Whether another page follows.")


class LyzrThreadsSerializer(LyzrPageSerializer):
    sessions = LyzrThreadSerializer(many=True, help_text="Newest first.")


class LyzrThreadMessageSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="24 hex digits; names this message wherever a message id is asked for.")
    role = serializers.CharField()
    content = serializers.CharField(help_text="What was said.")
    agent_id = serializers.CharField(allow_null=True, help_text="The agent of the turn, else that of the session.")
    created_at = serializers.CharField(help_text=_TIME)

    def to_representation(self, item: tuple[Message, str]) -> dict[str, Any]:
        message, content = item
        agent = message.run.agent if message.run and message.run.agent else self.context["session"].agent
        return {
            "id": message_id(message.session_id, message.position),
            "role": message.role,
            "content": content,
            "agent_id": agent.agent_id if agent else None,
            "created_at": iso_naive(message.created_at),
        }


class LyzrThreadMessagesSerializer(LyzrPageSerializer):
    messages = LyzrThreadMessageSerializer(many=True, help_text="Oldest first.")


class LyzrBranchesSerializer(serializers.Serializer[Any]):
    branches = LyzrThreadSerializer(many=True, help_text="Oldest first.")
    total = serializers.IntegerField()
    has_more = serializers.BooleanField(help_text="Always false: all are listed.")


class LyzrTreeSerializer(serializers.Serializer[Any]):
    root_session_id = serializers.CharField()
    nodes = LyzrThreadSerializer(many=True, help_text="The root first, then one generation after the other.")
    truncated = serializers.BooleanField(help_text="Whether there are more than 1,000, which are left out.")


class LyzrAncestrySerializer(serializers.Serializer[Any]):
    ancestry = LyzrThreadSerializer(many=True, help_text="From the root down to the session itself.")
