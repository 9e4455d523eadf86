"""Query parameters of our own API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from sessions_app import jsontext
from sessions_app.dialects.fields import MAX_UNKNOWN, IdField, MomentField, StrictSerializer, TextField
from sessions_app.dialects.native.pagination import PageParameters
from sessions_app.jsontext import MAX_FILTERABLE_DEPTH
from sessions_app.models import RunMetadata, Session
from sessions_app.querysets import SessionQuerySet

METADATA_PREFIX = "metadata."
MAX_METADATA_FILTERS = 50
MAX_ARRAY_INDEX = 2**31 - 1
MAX_EXACT_FLOAT = 2**53
_SORT_COLUMNS = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "tokens": "total_tokens",
    "messages": "message_count",
}
SORTS = [f"{sign}{name}" for name in _SORT_COLUMNS for sign in ("", "-")]


class AgentListParameters(PageParameters):
    type = serializers.ChoiceField(choices=Session.Type.values, required=False, help_text="Only agents of this type.")


class AgentParameters(StrictSerializer):
    type = serializers.ChoiceField(
        choices=Session.Type.values, required=False, help_text="Where an agent and a team, say, share an id."
    )


class SessionListParameters(PageParameters):
    """Filters add up. ``metadata.KEY=VALUE`` (also ``metadata.KEY.INNER=VALUE``) compares a metadata key."""

    agent_id = IdField(required=False, help_text="Only sessions of this agent, team or workflow.")
    type = serializers.ChoiceField(choices=Session.Type.values, required=False, help_text="Only sessions of this type.")
    user_id = TextField(required=False, help_text="Only sessions of this user.")
    status = serializers.ChoiceField(
        choices=RunMetadata.Status.values, required=False, help_text="Status of the last run."
    )
    q = TextField(required=False, allow_blank=False, help_text="Text in the name, the title, the id or a message.")
    tag = TextField(required=False, allow_blank=False, help_text="Only sessions with this tag.")
    has_errors = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only sessions with (or without) a failed run."
    )
    created_after = MomentField(required=False, help_text="Inclusive. ISO 8601 or epoch seconds.")
    created_before = MomentField(required=False, help_text="Inclusive.")
    updated_after = MomentField(required=False, help_text="Inclusive.")
    updated_before = MomentField(required=False, help_text="Inclusive.")
    sort = serializers.ChoiceField(
        choices=SORTS, default="-updated_at", help_text="Order; a minus before it means largest or latest first."
    )

    def unknown(self, names: Iterable[str]) -> dict[str, Any]:
        return super().unknown(name for name in names if not name.startswith(METADATA_PREFIX))

    def to_internal_value(self, data: QueryDict) -> Any:
        asked = super().to_internal_value(data)
        metadata = {name: data.getlist(name) for name in data if name.startswith(METADATA_PREFIX)}
        broken = [name for name, texts in metadata.items() if not _is_metadata_filter(name, texts)]
        if broken:
            raise serializers.ValidationError({name: ["Not a metadata key and value"] for name in broken[:MAX_UNKNOWN]})
        if sum(map(len, metadata.values())) > MAX_METADATA_FILTERS:
            raise serializers.ValidationError(f"At most {MAX_METADATA_FILTERS} metadata filters", code="too_long")
        return {**asked, "metadata": metadata}


def _is_metadata_filter(name: str, texts: list[str]) -> bool:
    """Whether a database can look there: neither too deep, nor with NUL, nor at an index that no array can have."""
    keys = name.split(".")[1:]
    is_reachable = len(keys) <= MAX_FILTERABLE_DEPTH and all(map(_is_metadata_key, keys))
    return is_reachable and not any("\x00" in text for text in (name, *texts))


def _is_metadata_key(key: str) -> bool:
    try:
        return 0 <= int(key) <= MAX_ARRAY_INDEX
    except ValueError:
        return bool(key)


def order_of(sort: str) -> str:
    """The column behind a ``sort``, with its minus."""
    name = sort.removeprefix("-")
    return f"{'-' if sort.startswith('-') else ''}{_SORT_COLUMNS[name]}"


def filtered(sessions: SessionQuerySet, asked: dict[str, Any]) -> SessionQuerySet:
    """The sessions that pass all filters of ``SessionListParameters``."""
    if "agent_id" in asked:
        sessions = sessions.for_agent(asked["agent_id"], asked.get("type"))
    for parameter, column in (("type", "type"), ("user_id", "user_id"), ("status", "last_run_status")):
        if parameter in asked:
            sessions = sessions.filter(**{column: asked[parameter]})
    if "q" in asked:
        sessions = sessions.matching(asked["q"])
    if "tag" in asked:
        sessions = sessions.filter(tags__name=asked["tag"])
    if asked["has_errors"] is not None:
        sessions = sessions.with_errors(asked["has_errors"])
    for column in ("created_at", "updated_at"):
        name = column.removesuffix("_at")
        sessions = sessions.between(column, asked.get(f"{name}_after"), asked.get(f"{name}_before"))
    for name, texts in asked["metadata"].items():
        for text in texts:
            sessions = sessions.with_metadata(name.split(".")[1:], _values(text))
    return sessions


def _values(text: str) -> list[Any]:
    """What a query's text may mean as JSON: itself, and the number (1 and 1.0), boolean or null that it spells."""
    try:
        value = jsontext.loads(text)
    except (ValueError, RecursionError):
        return [text]
    if isinstance(value, str | dict | list):
        return [text]
    # To MariaDB 1 and 1.0 are two things.
    if isinstance(value, float) and value.is_integer():
        return [text, value, int(value)]
    is_exact = type(value) is int and abs(value) <= MAX_EXACT_FLOAT
    return [text, value, float(value)] if is_exact else [text, value]


class MessageListParameters(PageParameters):
    role = TextField(required=False, allow_blank=False, help_text="Only messages of this role.")
    run_id = IdField(required=False, help_text="Only messages of this run.")
    sort = serializers.ChoiceField(choices=["position", "-position"], default="position", help_text="Order.")


class RunListParameters(PageParameters):
    status = serializers.ChoiceField(choices=RunMetadata.Status.values, required=False, help_text="Only such runs.")
    sort = serializers.ChoiceField(choices=["position", "-position"], default="position", help_text="Order.")


class FirstMentionParameters(StrictSerializer):
    """Lets a session be made by what is written into it first."""

    create = serializers.BooleanField(  # type: ignore[assignment]
        default=False, help_text="Make the session where it is not there yet."
    )
    agent_id = IdField(required=False, help_text="Agent of the new session.")
    type = serializers.ChoiceField(choices=Session.Type.values, required=False, help_text="Type of the new session.")
    user_id = IdField(required=False, help_text="User of the new session.")


class ExportParameters(StrictSerializer):
    as_ = serializers.ChoiceField(choices=["json", "markdown", "openai"], default="json", help_text="Form.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {"as": fields.pop("as_"), **fields}
