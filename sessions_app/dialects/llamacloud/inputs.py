"""LlamaCloud's parameters and bodies. Names that we do not know are left alone, as newer SDKs send more of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from sessions_app import conf
from sessions_app.dialects.fields import FlagField, TextField, TextListField
from sessions_app.models import Session

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_INDEXES = 10


class NullableUUIDField(serializers.UUIDField):
    """A UUID, or one of the three ways in which the SDKs say null: left out, ``name=`` and ``name=null``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, default=None, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> UUID | None:
        value: UUID | None = super().run_validation(_null(data))
        return value


class PageSizeField(serializers.IntegerField):
    """Any integer; what makes no page becomes one that does. Null as in ``NullableUUIDField``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, default=None, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> int:
        asked: int | None = super().run_validation(_null(data))
        size = asked if asked is not None and asked > 0 else DEFAULT_PAGE_SIZE
        return min(size, MAX_PAGE_SIZE, int(conf.get("MAX_PAGE_SIZE")))


class PromptField(TextField):
    """Any text: what no text column could hold, the message's payload can."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = []


class ProjectParameters(serializers.Serializer[Any]):
    """Both may be left out; a given one must be the API key's own."""

    organization_id = NullableUUIDField(help_text="The API key's organization.")
    project_id = NullableUUIDField(help_text="The API key's project.")


class PageParameters(ProjectParameters):
    """The query parameters of the list."""

    page_size = PageSizeField(help_text="Sessions of a page: 20 unless given, at most 100.")
    page_token = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="`next_page_token` of the page before."
    )

    def validate_page_token(self, value: str | None) -> str | None:
        return _null(value)  # type: ignore[no-any-return]


class ChatInputSerializer(serializers.Serializer[Any]):
    """What a new session may be given."""

    index_ids = TextListField(
        max_length=MAX_INDEXES, required=False, allow_null=True, help_text="Indexes to bind; null: unbound."
    )
    shared_access = serializers.ChoiceField(
        choices=Session.SharedAccess.values,
        required=False,
        allow_null=True,
        help_text="What a share link grants; null: the server's default.",
    )


class TurnInputSerializer(serializers.Serializer[Any]):
    """One message of the user."""

    index_ids = TextListField(max_length=MAX_INDEXES, help_text="Indexes to search; empty: those of the session.")
    prompt = PromptField(help_text="What the user says.")
    require_all_indexes = FlagField(required=False, help_text="Fail the turn if any index cannot be queried.")

    def validate_prompt(self, value: str) -> str:
        limit = conf.get("MAX_PROMPT_LENGTH")
        if limit is not None and len(value) > limit:
            raise serializers.ValidationError(f"String should have at most {limit} characters", code="string_too_long")
        return value


def _null(value: Any) -> Any:
    return None if value is serializers.empty or value in ("", "null") else value
