"""Bodies and answers as the OpenAPI document describes them. Nothing else needs these."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sessions_app.dialects.fields import AnyField
from sessions_app.models import Session


def _text(help_text: str = "", **kwargs: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_null=True, help_text=help_text, **kwargs)


def _object(help_text: str = "") -> serializers.DictField:
    return serializers.DictField(required=False, allow_null=True, help_text=help_text)


def _objects(help_text: str = "") -> serializers.ListField:
    return serializers.ListField(child=AnyField(), required=False, allow_null=True, help_text=help_text)


class SessionDetail(serializers.Serializer[Any]):
    """What the three shapes share."""

    session_id = serializers.CharField()
    session_name = serializers.CharField(allow_blank=True)
    user_id = _text()
    session_state = _object()
    metadata = _object()
    created_at = serializers.DateTimeField(required=False, allow_null=True)
    updated_at = serializers.DateTimeField(required=False, allow_null=True)


class AgentSessionDetail(SessionDetail):
    agent_session_id = serializers.CharField()
    agent_id = _text()
    agent_data = _object()
    session_summary = _object()
    total_tokens = serializers.IntegerField(required=False, allow_null=True)
    metrics = _object()
    chat_history = serializers.ListField(child=serializers.DictField())


class TeamSessionDetail(SessionDetail):
    team_id = _text()
    team_data = _object()
    session_summary = _object()
    total_tokens = serializers.IntegerField(required=False, allow_null=True)
    metrics = _object()
    chat_history = serializers.ListField(child=serializers.DictField())


class WorkflowSessionDetail(SessionDetail):
    workflow_id = _text()
    workflow_name = _text("Always null.")
    workflow_data = _object()
    session_data = _object("Name, state and whatever else the workflow's writer keeps.")


class AgnoSessionRow(SessionDetail):
    """A session in a list. Fields that are null are left out."""

    session_type = serializers.ChoiceField(choices=Session.Type.values)
    agent_id = _text()
    team_id = _text()
    workflow_id = _text()
    session_summary = _object()
    metrics = _object()
    total_tokens = serializers.IntegerField(required=False)


class AgnoPageMeta(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    total_count = serializers.IntegerField()
    search_time_ms = serializers.FloatField(help_text="Always 0.0.")


class AgnoSessionPage(serializers.Serializer[Any]):
    data = AgnoSessionRow(many=True)  # type: ignore[assignment]
    meta = AgnoPageMeta()


class AgnoCreateSession(serializers.Serializer[Any]):
    """All may be left out."""

    session_id = _text("Any text that is free. Left out: a new UUID.")
    session_name = _text()
    session_state = _object()
    metadata = _object()
    user_id = _text()
    agent_id = _text("Kept for a session of type `agent`.")
    team_id = _text("Kept for a session of type `team`.")
    workflow_id = _text("Kept for a session of type `workflow`.")


class AgnoSummary(serializers.Serializer[Any]):
    summary = serializers.CharField()
    topics = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True)
    updated_at = serializers.DateTimeField(required=False, allow_null=True)


class AgnoUpdateSession(serializers.Serializer[Any]):
    """What is left out, or null, stays."""

    session_name = _text()
    session_state = _object("Replaces the whole state.")
    metadata = _object("Replaces the whole metadata.")
    summary = AgnoSummary(required=False, allow_null=True)


class AgnoRenameSession(serializers.Serializer[Any]):
    session_name = serializers.CharField(allow_blank=True)


class AgnoDeleteSessions(serializers.Serializer[Any]):
    session_ids = serializers.ListField(child=serializers.CharField(), min_length=1)
    session_types = serializers.ListField(
        child=serializers.ChoiceField(choices=Session.Type.values), min_length=1, help_text="As many as ids."
    )


class RunPreview(serializers.Serializer[Any]):
    """A run in short. Fields that are null are left out."""

    run_id = serializers.CharField()
    parent_run_id = _text()
    agent_id = _text()
    team_id = _text()
    workflow_id = _text()
    user_id = _text()
    status = _text()
    run_input = _text("At most 280 characters.")
    content_preview = _text("At most 280 characters.")
    created_at = serializers.DateTimeField(required=False)


class AnyRun(serializers.Serializer[Any]):
    """What the three shapes of a run share."""

    run_id = serializers.CharField()
    user_id = _text()
    status = _text()
    cancellation_stage = _text("`PENDING`, `EXECUTING` or `PAUSED`.")
    run_input = _text()
    content = AnyField(required=False, allow_null=True, help_text="Text or an object.")
    reasoning_content = _text()
    reasoning_steps = _objects()
    reasoning_messages = _objects()
    metrics = _object()
    events = _objects()
    created_at = serializers.DateTimeField(required=False, allow_null=True)
    references = _objects()
    citations = _object()
    images = _objects()
    videos = _objects()
    audio = _objects()
    files = _objects()
    response_audio = _object()


class _Spoken(AnyRun):
    parent_run_id = _text()
    run_response_format = _text("`text` or `json`.")
    messages = _objects("As they were stored.")
    tools = _objects()
    session_state = _object()
    followups = _objects()
    input_media = _object("Lists of `images`, `videos`, `audios` and `files`.")
    forked_from_run_id = _text()
    forked_from_message_index = serializers.IntegerField(required=False, allow_null=True)
    forked_from_session_id = _text()
    regenerated_from = _text()
    last_checkpoint_at_message_index = serializers.IntegerField(required=False, allow_null=True)


class AgentRun(_Spoken):
    agent_id = _text()
    metadata = _object()


class TeamRun(_Spoken):
    team_id = _text()


class WorkflowRun(AnyRun):
    workflow_id = _text()
    content_type = _text()
    step_results = _objects()
    step_executor_runs = _objects()
    step_requirements = _objects()
    pause_kind = _text()
    paused_step_name = _text()
    paused_step_index = serializers.IntegerField(required=False, allow_null=True)


class AgentOSConfig(serializers.Serializer[Any]):
    os_id = serializers.CharField()
    databases = serializers.ListField(child=serializers.CharField(), help_text="The ids for `db_id`.")
    session = serializers.DictField(help_text="For each database its tables.")
    agents = _objects("Empty.")
    teams = _objects("Empty.")
    workflows = _objects("Empty.")
    interfaces = _objects("Empty.")
    company = AnyField(allow_null=True, help_text="Always null.")
