"""What the dialects' OpenAPI descriptions share: keys, errors, and a document of our own paths alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers

Method = TypeVar("Method", bound=Callable[..., Any])


class APIKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Either header will do."""

    target_class = "sessions_app.authentication.APIKeyAuthentication"
    name = ["ApiKeyAuth", "BearerAuth"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "An API key of this server."},
            {"type": "http", "scheme": "bearer", "description": "The same key as `Authorization: Bearer KEY`."},
        ]


class DialectSchema(AutoSchema):
    """All bodies are JSON, also those of DELETE; an operation has none unless its description names one."""

    def map_parsers(self) -> list[Any]:
        return ["application/json"]

    def get_request_serializer(self) -> Any:
        return None

    def _get_request_body(self, direction: str = "request") -> Any:
        method, self.method = self.method, "POST" if self.method == "DELETE" else self.method
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = method


class FieldErrorSerializer(serializers.Serializer[Any]):
    loc = serializers.ListField(child=serializers.JSONField(), help_text="The way to what is wrong: names and indexes.")
    msg = serializers.CharField()
    type = serializers.CharField()


class InvalidRequestSerializer(serializers.Serializer[Any]):
    """All that is wrong with the parameters or the body."""

    detail = FieldErrorSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong, as a sentence."""

    detail = serializers.CharField()


_PROBLEMS = {
    400: "The body is not JSON.",
    401: "The API key is missing or wrong.",
    403: "The API key may not do this.",
    404: "There is no such thing, or it belongs to another project or user.",
    409: "It exists already, or has changed since it was read.",
    413: "The body is too large.",
    429: "Too many requests with this API key.",
    503: "The database is busy or away.",
}


def problems(*statuses: int) -> dict[int | str, Any]:
    """The error answers of an operation, 401 always among them."""
    answers: dict[int | str, Any] = {
        status: OpenApiResponse(ProblemSerializer, description=_PROBLEMS[status])
        for status in sorted({401, 429, 503, *statuses, *({413} if 400 in statuses else ())} - {422})
    }
    if 422 in statuses:
        answers[422] = OpenApiResponse(InvalidRequestSerializer, description="A parameter or the body is wrong.")
    return answers


def example(name: str, value: Any, **kwargs: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=kwargs.pop("response_only", True), **kwargs)


def describe(**description: Any) -> Callable[[Method], Method]:
    """``extend_schema`` on our own schema class, whatever DEFAULT_SCHEMA_CLASS the host has set."""

    def decorate(method: Method) -> Method:
        method.kwargs = {"schema": DialectSchema}  # type: ignore[attr-defined]
        described: Method = extend_schema(**description)(method)
        return described

    return decorate
