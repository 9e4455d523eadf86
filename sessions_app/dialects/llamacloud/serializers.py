"""The store's rows in LlamaCloud's shapes, and its parameters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from sessions_app import conf
from sessions_app.dialects.wire import iso_naive
from sessions_app.models import RunMetadata, Session


class NullableUUIDField(serializers.UUIDField):
    """A UUID, or one of the three ways in which the SDKs say null: left out, ``name=`` and ``name=null``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, default=None, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> UUID | None:
        value: UUID | None = super().run_validation(None if data in {"", "null"} else data)
        return value


class ProjectParameters(serializers.Serializer[Any]):
    """Both may be left out; a given one must be the API key's own."""

    organization_id = NullableUUIDField(help_text="The API key's organization.")
    project_id = NullableUUIDField(help_text="The API key's project.")


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
