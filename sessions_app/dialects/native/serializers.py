"""The store's rows as our own API shows them, and what it takes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions_app import formats
from sessions_app.dialects.fields import (
    AnyField,
    AnyListField,
    FlagField,
    FormatField,
    IdField,
    MomentField,
    NumberField,
    ObjectField,
    PathIdField,
    RowSerializer,
    StrictSerializer,
    TextField,
    TextListField,
    WholeNumberField,
    represented,
)
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, RunMetadata, Session
from sessions_app.models.sessions import MAX_TAG_LENGTH
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.reading import tags_of
from sessions_app.services.runfields import MAX_TURNS


class UsageSerializer(StrictSerializer):
    """Token counts."""

    def get_fields(self) -> dict[str, Any]:
        return {name: WholeNumberField(required=False, min_value=0, max_value=MAX_TOKENS) for name in TOKEN_FIELDS}

    def to_representation(self, usage: dict[str, int]) -> dict[str, int]:
        return usage  # As rows have it.


class RunModelSerializer(StrictSerializer):
    """The language model that answered."""

    provider = TextField(required=False, max_length=255, help_text="For example `OpenAI`.")
    id = TextField(required=False, max_length=255, help_text="For example `gpt-4o`.")


class ModelSerializer(RunModelSerializer):
    """A language model, and how the agent's framework calls it."""

    name = TextField(required=False, max_length=255, help_text="The framework's class for it, `OpenAIChat`, say.")


class AgentSerializer(StrictSerializer):
    """An agent, team or workflow."""

    agent_id = PathIdField(help_text="Unique in its project and type.")
    type = serializers.ChoiceField(choices=Agent.Type.values, default="agent")
    name = TextField(required=False, max_length=255, help_text="A name for people.")
    model = ModelSerializer(required=False)
    metadata = ObjectField(required=False, filterable=True)
    created_at = MomentField(read_only=True)


class AgentPatchSerializer(AgentSerializer):
    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {name: fields[name] for name in ("name", "model", "metadata")}


class SessionInputSerializer(StrictSerializer):
    """What a session is made of. Everything may be left out."""

    session_id = PathIdField(required=False, help_text="Unique in its project; a UUID where it is left out.")
    type = serializers.ChoiceField(choices=Session.Type.values, default="agent")
    agent_id = IdField(required=False, allow_null=True, help_text="Made on its first mention.")
    agent_name = TextField(required=False, max_length=255, help_text="Name of an agent that is new.")
    model = ModelSerializer(required=False, help_text="Model of an agent that is new.")
    user_id = TextField(required=False, allow_null=True, max_length=255)
    name = TextField(required=False, allow_null=True, help_text="Goes before the generated title.")
    state = AnyField(required=False, allow_null=True, help_text="What the agent keeps between runs.")
    metadata = ObjectField(required=False, allow_null=True, filterable=True)
    summary = ObjectField(required=False, allow_null=True)
    tags = TextListField(child=IdField(max_length=MAX_TAG_LENGTH), required=False, max_length=100)
    index_ids = TextListField(required=False, allow_null=True, help_text="Bound indexes; null: unbound.")
    shared_access = serializers.ChoiceField(choices=["", *Session.SharedAccess.values], required=False)
    details = AnyField(required=False, allow_null=True, help_text="What else a framework keeps with the session.")
    parent_session_id = IdField(required=False, help_text="The session that this one branches from.")
    branched_at = WholeNumberField(
        required=False, min_value=0, max_value=MAX_TOKENS, help_text="Position of the last message of the parent."
    )
    created_at = MomentField(required=False, help_text="For sessions that began elsewhere.")
    updated_at = MomentField(required=False, help_text="For sessions that began elsewhere.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _check_described(attrs, "agent_name", "model")
        return attrs


class SessionPatchSerializer(SessionInputSerializer):
    revision = WholeNumberField(
        required=False, min_value=0, help_text="Changes nothing (409) unless the session still has this revision."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fixed = {"session_id", "type", "agent_name", "model", "parent_session_id", "branched_at", "created_at"}
        return {name: field for name, field in fields.items() if name not in fixed}


class SessionDeletionSerializer(StrictSerializer):
    session_ids = TextListField(allow_empty=False, max_length=10_000)


class DeletedSerializer(serializers.Serializer[Any]):
    deleted = serializers.IntegerField(help_text="How many sessions went; unknown ids do not count.")


class SessionRowSerializer(RowSerializer):
    """A session in a list: all but ``state`` and ``details``, which can be large."""

    session_id = serializers.CharField()
    type = serializers.ChoiceField(choices=Session.Type.values)
    agent_id = serializers.CharField(source="agent.agent_id", default=None, allow_null=True)
    user_id = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    generated_title = serializers.CharField(allow_null=True, help_text="Made from the first user message.")
    metadata = ObjectField(allow_null=True)
    summary = ObjectField(allow_null=True)
    tags = serializers.SerializerMethodField()
    index_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    shared_access = serializers.CharField(help_text='"": the site\'s default.')
    parent_session_id = serializers.CharField(source="parent.session_id", default=None, allow_null=True)
    branched_at = serializers.IntegerField(allow_null=True)
    message_count = serializers.IntegerField()
    run_count = serializers.IntegerField()
    error_count = serializers.IntegerField(help_text="Runs that failed.")
    last_run_status = serializers.CharField(help_text='"": no run yet.')
    usage = UsageSerializer(help_text="Sums over all runs and over the messages outside of runs.")
    revision = serializers.IntegerField(help_text="Counts the changes.")
    created_at = MomentField()
    updated_at = MomentField()

    def get_tags(self, session: Session) -> list[str]:
        return [tag.name for tag in session.tags.all()]


class SessionSerializer(SessionRowSerializer):
    """A session without its messages and runs, which have lists of their own."""

    state = AnyField(allow_null=True)
    details = AnyField(allow_null=True)

    def get_tags(self, session: Session) -> list[str]:
        return tags_of(session)


class MessageUsageSerializer(RowSerializer):
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    total_tokens = serializers.IntegerField()


class MessageSerializer(RowSerializer):
    """A message: ``payload`` exactly as it came, and what was read from it."""

    position = serializers.IntegerField(help_text="Its place in the session; never changes.")
    run_id = serializers.CharField(source="run.run_id", default=None, allow_null=True)
    role = serializers.CharField()
    text = serializers.CharField()
    name = serializers.CharField()
    tool_call_id = serializers.CharField()
    from_history = serializers.BooleanField(help_text="An earlier message, given to the model once more in this run.")
    usage = MessageUsageSerializer(source="*")
    format = serializers.CharField()
    payload = ObjectField()
    created_at = MomentField()


class EnvelopeSerializer(StrictSerializer):
    """A message, and what it does not say itself."""

    payload = ObjectField()
    format = FormatField(required=False)
    created_at = MomentField(required=False, allow_null=True)


class MessagesSerializer(StrictSerializer):
    """Several messages of one format."""

    messages = AnyListField()
    format = FormatField(default=formats.DEFAULT)


class MessagePatchSerializer(StrictSerializer):
    payload = ObjectField(help_text="The whole message, in its format.")
    format = FormatField(required=False, help_text="The message's own unless given.")


class RunPatchSerializer(StrictSerializer):
    """What a run says of itself. ``messages`` are appended."""

    parent_run_id = IdField(required=False, allow_null=True, help_text="The run that started this one.")
    agent_id = IdField(required=False, allow_null=True, help_text="Who ran; made on its first mention.")
    agent_type = serializers.ChoiceField(choices=Agent.Type.values, required=False)
    user_id = TextField(required=False, allow_null=True, max_length=255)
    status = serializers.ChoiceField(choices=RunMetadata.Status.values, required=False)
    input = AnyField(required=False, allow_null=True)
    content = AnyField(required=False, allow_null=True, help_text="What the run answered.")
    model = RunModelSerializer(required=False)
    usage = UsageSerializer(required=False, help_text="Left out: the sums of the messages' own counts.")
    duration_ms = NumberField(required=False, allow_null=True, min_value=0, max_value=1e15)
    turns = WholeNumberField(required=False, min_value=0, max_value=MAX_TURNS, help_text="Calls of the model.")
    is_error = FlagField(required=False, help_text="Left out: whether the status is `ERROR`.")
    error = TextField(required=False, allow_null=True)
    export_config_ids = TextListField(required=False, allow_null=True)
    details = AnyField(required=False, allow_null=True, help_text="What else a framework keeps with the run.")
    created_at = MomentField(required=False)
    updated_at = MomentField(required=False)
    format = FormatField(default=formats.DEFAULT, help_text="Format of the messages.")
    messages = AnyListField(required=False, help_text="The run's messages in order, in their own format.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _check_described(attrs, "agent_type")
        return attrs


class RunInputSerializer(RunPatchSerializer):
    """A run: sent twice with the same ``run_id``, it is stored once."""

    run_id = PathIdField(required=False, help_text="Unique in its session; a UUID where it is left out.")


class RunRowSerializer(RowSerializer):
    """A run in a list: all but its messages and ``details``."""

    run_id = serializers.CharField()
    position = serializers.IntegerField(help_text="Its place among the session's runs.")
    parent_run_id = serializers.CharField(allow_null=True)
    agent_id = serializers.CharField(source="agent.agent_id", default=None, allow_null=True)
    agent_type = serializers.CharField(source="agent.type", default=None, allow_null=True)
    user_id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=RunMetadata.Status.values)
    input = AnyField(allow_null=True)
    content = AnyField(allow_null=True)
    model = serializers.SerializerMethodField()
    usage = UsageSerializer()
    duration_ms = serializers.FloatField(allow_null=True)
    turns = serializers.IntegerField()
    is_error = serializers.BooleanField()
    error = serializers.CharField(allow_null=True)
    export_config_ids = serializers.ListField(child=serializers.CharField(), allow_null=True)
    created_at = MomentField()
    updated_at = MomentField()

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_model(self, run: RunMetadata) -> dict[str, str]:
        known = {"provider": run.model_provider, "id": run.model_id}
        return {key: value for key, value in known.items() if value}


class RunSerializer(RunRowSerializer):
    """A run with its messages."""

    details = AnyField(allow_null=True)
    messages = serializers.SerializerMethodField()

    @extend_schema_field(MessageSerializer(many=True))
    def get_messages(self, run: RunMetadata) -> Any:
        messages = run.new_messages
        if messages is None:
            messages = list(run.messages.using(run._state.db).in_order())
            for message in messages:
                message.run = run
        return [represented(MessageSerializer, message) for message in messages]


def _check_described(asked: dict[str, Any], *describing: str) -> None:
    """What describes an agent needs one; it would be lost without a word."""
    error = serializers.ErrorDetail("Describes an agent, but there is no agent_id", code="value_error")
    if alone := [name for name in describing if name in asked and asked.get("agent_id") is None]:
        raise serializers.ValidationError({name: [error] for name in alone})
