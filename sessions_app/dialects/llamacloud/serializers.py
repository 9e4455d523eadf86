"""The store's rows in LlamaCloud's shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from sessions_app import conf
from sessions_app.dialects.fields import represented
from sessions_app.dialects.llamacloud.event_schema import EVENTS
from sessions_app.dialects.wire import iso_naive
from sessions_app.models import RunMetadata, Session


class JobMetadataSerializer(serializers.Serializer[RunMetadata]):
    """Cost and outcome of the newest finished run."""

    duration_ms = serializers.FloatField(required=False)
    error = serializers.CharField(allow_null=True)
    export_config_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    is_error = serializers.BooleanField()
    total_input_tokens = serializers.IntegerField(allow_null=True)
    total_output_tokens = serializers.IntegerField(allow_null=True)
    turns = serializers.IntegerField()

    def to_representation(self, run: RunMetadata) -> dict[str, Any]:
        return {
            # The field may be absent, but not null.
            **({} if run.duration_ms is None else {"duration_ms": run.duration_ms}),
            "error": run.error,
            "export_config_ids": run.export_config_ids,
            "is_error": run.is_error,
            "total_input_tokens": run.input_tokens,
            "total_output_tokens": run.output_tokens,
            "turns": run.turns,
        }


class ChatSummarySerializer(serializers.Serializer[Session]):
    """A session's title, indexes and newest finished run."""

    session_id = serializers.CharField()
    last_updated_at = serializers.CharField(help_text="ISO 8601, UTC without saying so.")
    shared_access = serializers.CharField(help_text="What a share link grants: `query` or `read_only`.")
    generated_title = serializers.CharField(
        allow_null=True, help_text="The name, else made from the first user message."
    )
    index_ids = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Bound indexes; null: unbound."
    )
    job_metadata = JobMetadataSerializer(allow_null=True, help_text="Null while no run has finished.")

    def to_representation(self, session: Session) -> dict[str, Any]:
        run = session.last_finished_run
        return {
            "session_id": session.session_id,
            "last_updated_at": iso_naive(session.updated_at),
            "shared_access": session.shared_access or str(conf.get("DEFAULT_SHARED_ACCESS")),
            "generated_title": session.name or session.generated_title or None,
            "index_ids": session.index_ids,
            "job_metadata": None if run is None else represented(JobMetadataSerializer, run),
        }


@extend_schema_serializer(many=False)
class ChatPageSerializer(serializers.Serializer[Any]):
    """A page of sessions. There is a next one where there is a token for it."""

    items = ChatSummarySerializer(many=True)
    next_page_token = serializers.CharField(allow_null=True, help_text="`page_token` of the next page; null: the last.")


class ChatSerializer(ChatSummarySerializer):
    """A session with all that was said in it, in the order of the conversation."""

    events = EVENTS


class ChatEventsSerializer(serializers.Serializer[Any]):
    """A turn's whole events, where the site answers with JSON instead of a stream."""

    events = EVENTS
