"""What the descriptions of our own operations share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema_serializer,
    inline_serializer,
)
from rest_framework.serializers import URLField

from sessions_app.dialects.openapi import Method, describe, problems

SESSION_ID = OpenApiParameter("session_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id of the session.")
USER_MESSAGE = {"role": "user", "content": "Where is my parcel?"}
ASSISTANT_MESSAGE = {"role": "assistant", "content": "It arrives on Friday."}
GONE = {204: OpenApiResponse(description="Deleted.")}


def page_of(serializer: Any) -> Any:
    """The schema of a page of such rows."""
    name = serializer.__name__.removesuffix("Serializer").removesuffix("Row")
    link: Any = {"allow_null": True, "help_text": "Address of the page beside this one; null: there is none."}
    fields = {"next": URLField(**link), "previous": URLField(**link), "results": serializer(many=True)}
    page = type(inline_serializer(f"{name}Page", fields))
    return extend_schema_serializer(many=False)(page)  # One page, though the view is a list.


def request_example(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def operation(
    operation_id: str, summary: str, tag: str, answers: dict[Any, Any], *statuses: int, **more: Any
) -> Callable[[Method], Method]:
    responses = {**answers, **problems(*statuses)}
    return describe(operation_id=operation_id, summary=summary, tags=[tag], responses=responses, **more)


def answer(serializer: Any, description: str) -> OpenApiResponse:
    return OpenApiResponse(serializer, description=description)
