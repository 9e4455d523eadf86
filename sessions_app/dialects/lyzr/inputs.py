"""What clients send: bodies and query parameters. Keys that are not named here are let through and dropped."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sessions_app.dialects.fields import IdField, MomentField, ObjectField, TextField

MAX_PAGE_SIZE = 100
MAX_OFFSET = 2**53


@extend_schema_field({"type": "object", "additionalProperties": {}, "nullable": True})
class MetadataField(ObjectField):
    """A JSON object; null is an empty one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"filterable": True, "allow_null": True, "help_text": "Any JSON object.", **kwargs})


class LyzrNewSessionSerializer(serializers.Serializer[Any]):
    user_id = IdField(help_text="Whose session it is. A key that is bound to a user makes sessions of this user.")
    agent_id = IdField(required=False, allow_null=True, help_text="The agent; made on its first mention.")
    metadata = MetadataField(required=False)


class LyzrNewAgentSessionSerializer(serializers.Serializer[Any]):
    user_id = IdField(required=False, allow_null=True, help_text="Whose session it is.")
    agent_id = IdField(required=False, allow_null=True, help_text="Once more the agent; the path counts.")
    metadata = MetadataField(required=False)


class LyzrSessionUpdateSerializer(serializers.Serializer[Any]):
    user_id = IdField(help_text="Whose session it is: may be set once, and is the same ever after.")
    metadata = MetadataField(help_text="Takes the place of all that is stored.")


class LyzrHistoryParameters(serializers.Serializer[Any]):
    unix = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Times as epoch seconds, with a fraction."
    )


class LyzrActivityParameters(serializers.Serializer[Any]):
    user_id = IdField(help_text="Who talked to the agent.")
    session_id = IdField(help_text="Id of the session.")


class PageParameters(serializers.Serializer[Any]):
    """An empty value is none."""

    limit = serializers.IntegerField(
        default=20, min_value=1, max_value=MAX_PAGE_SIZE, help_text="Items on a page, at most 100."
    )
    offset = serializers.IntegerField(default=0, min_value=0, max_value=MAX_OFFSET, help_text="Items before the page.")

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({name: value for name, value in data.items() if value != ""})


class LyzrSessionListParameters(PageParameters):
    agent_id = IdField(required=False, help_text="Only sessions of this agent.")
    source = TextField(  # type: ignore[assignment]
        required=False, max_length=255, help_text="Only sessions that were made with this source."
    )


class LyzrMessageListParameters(PageParameters):
    role = TextField(required=False, max_length=64, help_text="Messages of this role, in place of user and assistant.")
    after = MomentField(required=False, help_text="Only messages created after this moment. ISO 8601.")


class LyzrNewThreadSerializer(serializers.Serializer[Any]):
    session_id = IdField(help_text="The caller's own id of the session.")
    agent_id = IdField(required=False, allow_null=True, help_text="The agent; made on its first mention.")
    metadata = MetadataField(required=False)
    source = TextField(required=False, allow_null=True, max_length=255, help_text="Where the session was begun.")  # type: ignore[assignment]


class LyzrThreadUpdateSerializer(serializers.Serializer[Any]):
    metadata = MetadataField(help_text="Takes the place of all that is stored.")


class LyzrNewBranchSerializer(serializers.Serializer[Any]):
    from_message_id = TextField(help_text="Id of the last message that both share.")
    new_session_id = IdField(required=False, allow_null=True, help_text="Id of the branch; else one is made.")
    branch_name = TextField(required=False, allow_null=True, help_text="Name of the branch.")
    metadata = MetadataField(required=False, help_text="Of the branch; else it has the session's.")
