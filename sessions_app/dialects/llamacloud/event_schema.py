"""How the events of a conversation are described. ``events`` makes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from sessions_app.dialects.fields import AnyField


class ChatUserInput(serializers.Serializer[Any]):
    type = serializers.RegexField("^user_input$")
    content = serializers.CharField(allow_blank=True)
    attachments = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="Images, files and the like that came with it."
    )


class ChatText(serializers.Serializer[Any]):
    type = serializers.RegexField("^text$")
    content = serializers.CharField(allow_blank=True)
    attachments = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="Images, files and the like that came with it."
    )


class ChatThinking(serializers.Serializer[Any]):
    type = serializers.RegexField("^thinking$")
    content = serializers.CharField()


class ChatToolCall(serializers.Serializer[Any]):
    type = serializers.RegexField("^tool_call$")
    call_id = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    arguments = serializers.DictField(help_text="What is no object comes as `value` of one.")


class ChatImageAttachment(serializers.Serializer[Any]):
    attachment_name = serializers.CharField()
    source_id = serializers.CharField()


class ChatToolResult(serializers.Serializer[Any]):
    type = serializers.RegexField("^tool_result$")
    call_id = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    result = AnyField(allow_null=True)
    image_attachment = ChatImageAttachment(required=False, allow_null=True)


class ChatUsage(serializers.Serializer[Any]):
    duration_ms = serializers.FloatField(required=False)
    turns = serializers.IntegerField(required=False)
    total_input_tokens = serializers.IntegerField(required=False, allow_null=True)
    total_output_tokens = serializers.IntegerField(required=False, allow_null=True)


class ChatStop(serializers.Serializer[Any]):
    type = serializers.RegexField("^stop$")
    is_error = serializers.BooleanField()
    error = serializers.CharField(allow_null=True)
    usage = ChatUsage()
    skipped_index_ids = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Indexes that this turn could not query."
    )


WHOLE_EVENTS = [ChatUserInput, ChatText, ChatThinking, ChatToolCall, ChatToolResult, ChatStop]
EVENTS = PolymorphicProxySerializer("ChatHistoryEvent", WHOLE_EVENTS, resource_type_field_name=None, many=True)


class ChatFrame(serializers.Serializer[Any]):
    """One frame of the stream, as a reader of server-sent events hands it out."""

    data = serializers.CharField(  # type: ignore[assignment]
        help_text="An event of the history as JSON."
    )
