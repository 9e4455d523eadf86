"""The store's rows in LlamaCloud's shapes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from sessions_app import conf
from sessions_app.dialects.llamacloud.event_schema import EVENTS
from sessions_app.dialects.llamacloud.events import history
from sessions_app.dialects.wire import iso_naive
from sessions_app.models import RunMetadata, Session


class JobMetadataSerializer(serializers.Serializer[RunMetadata]):
    """Cost and outcome of the newest finished run."""

    duration_ms = serializers.FloatField(required=False)
    error = serializers.CharField(allow_null=True)
    export_config_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    is_error = serializers.BooleanField()
    total_input_tokens = serializers.IntegerField(source="input_tokens", allow_null=True)
    total_output_tokens = serializers.IntegerField(source="output_tokens", allow_null=True)
    turns = serializers.IntegerField()

    def to_representation(self, run: RunMetadata) -> dict[str, Any]:
        shown = super().to_representation(run)
        # The field may be absent, but not null.
        return shown if run.duration_ms is not None else {k: v for k, v in shown.items() if k != "duration_ms"}


class ChatSummarySerializer(serializers.Serializer[Session]):
    """A session's title, indexes and newest finished run."""

    session_id = serializers.CharField()
    last_updated_at = serializers.SerializerMethodField(help_text="ISO 8601, UTC without saying so.")
    shared_access = serializers.SerializerMethodField(help_text="What a share link grants: `query` or `read_only`.")
    generated_title = serializers.SerializerMethodField(help_text="The name, else made from the first user message.")
    index_ids = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="Bound indexes; null: unbound."
    )
    job_metadata = JobMetadataSerializer(
        source="last_finished_run", allow_null=True, help_text="Null while no run has finished."
    )

    def get_last_updated_at(self, session: Session) -> str:
        return iso_naive(session.updated_at)

    def get_shared_access(self, session: Session) -> str:
        return session.shared_access or str(conf.get("DEFAULT_SHARED_ACCESS"))

    def get_generated_title(self, session: Session) -> str | None:
        return session.name or session.generated_title or None


@extend_schema_serializer(many=False)
class ChatPageSerializer(serializers.Serializer[Any]):
    """A page of sessions. There is a next one where there is a token for it."""

    items = ChatSummarySerializer(many=True)
    next_page_token = serializers.CharField(allow_null=True, help_text="`page_token` of the next page; null: the last.")


class ChatSerializer(ChatSummarySerializer):
    """A session with all that was said in it."""

    events = serializers.SerializerMethodField(help_text="In the order of the conversation.")

    @extend_schema_field(EVENTS)
    def get_events(self, session: Session) -> list[dict[str, Any]]:
        return history(session)


class ChatEventsSerializer(serializers.Serializer[Any]):
    """A turn's whole events, where the site answers with JSON instead of a stream."""

    events = EVENTS
