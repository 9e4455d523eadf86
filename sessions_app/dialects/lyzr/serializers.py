"""The store's rows in Lyzr's shapes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from sessions_app.models import Session


class SessionSummarySerializer(serializers.Serializer[Session]):
    """The stored summary; an empty object where there is none."""

    summary = serializers.JSONField(help_text="The summary object of the session.")

    def to_representation(self, session: Session) -> dict[str, Any]:
        return {"summary": session.summary or {}}


class AgentSessionsSerializer(serializers.Serializer[Any]):
    """The ids of an agent's sessions, newest first."""

    sessions = serializers.ListField(child=serializers.CharField(), help_text="Session ids.")

    def to_representation(self, session_ids: Iterable[str]) -> dict[str, Any]:
        return {"sessions": list(session_ids)}
