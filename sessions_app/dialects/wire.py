"""JSON as it goes over the wire, whatever the host's settings of Django REST framework say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from django.http import HttpResponse
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from sessions_app import conf, jsontext


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = "The request body is too large"
    default_code = "too_large"


class LengthRequired(APIException):
    status_code = 411
    default_detail = "Send the body with a Content-Length, not in chunks"
    default_code = "length_required"


def read_limited(stream: IO[Any]) -> bytes:
    """The whole of a body. Raises BodyTooLarge beyond ``MAX_BODY_BYTES``."""
    limit = conf.get("MAX_BODY_BYTES")
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise BodyTooLarge(f"The request body is larger than {limit} bytes")
    return body


class LosslessJSONParser(BaseParser):
    """Reads any body as JSON: integers of any size, and no NaN. Clear errors for what is too large or too deep."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = read_limited(stream)
        try:
            value = jsontext.loads(body)
        except RecursionError as error:
            raise ParseError(f"JSON is nested deeper than {jsontext.MAX_DEPTH} levels") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        if jsontext.too_deep(value, body):
            raise ParseError(f"JSON is nested deeper than {jsontext.MAX_DEPTH} levels")
        return value


class LosslessJSONRenderer(BaseRenderer):
    """Compact UTF-8. Lone surrogates, which UTF-8 cannot say, go out as the escapes that they came in as."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        return to_json(data).encode("utf-8", "backslashreplace")


def to_json(value: Any) -> str:
    """Compact JSON text. Raises ValueError for NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def response_of_texts(shown: dict[str, Any], **lists: Iterable[str]) -> HttpResponse:
    """An answer of an object that is not empty, with lists of values that are JSON texts already."""
    texts = (f'"{name}":[{",".join(values)}]' for name, values in lists.items())
    text = f"{to_json(shown)[:-1]},{','.join(texts)}}}" if lists else to_json(shown)
    return HttpResponse(text.encode("utf-8", "backslashreplace"), content_type="application/json")


class OneRenderer(BaseContentNegotiation):
    """Never 406: clients that accept anything, or the wrong thing, get JSON all the same."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def iso_utc(moment: datetime) -> str:
    """``2025-09-05T16:02:09.000000Z``: UTC with microseconds."""
    return f"{iso_naive(moment)}Z"


def iso_naive(moment: datetime) -> str:
    """``2025-09-05T16:02:09.000000``: UTC with microseconds and without saying so, as some vendors have it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def iso_seconds(moment: datetime) -> str:
    """``2025-09-05T16:02:09Z``: UTC without a fraction."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
