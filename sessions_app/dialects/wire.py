"""JSON as it goes over the wire, whatever the host's settings of Django REST framework say."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import IO, Any

from django.http import HttpResponse
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from sessions_app import conf, jsontext

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]

JSON = "application/json"
_STRICT = 0 if orjson is None else orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""To orjson, moments are texts by themselves; no wire's are what it would make of them."""


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

    media_type = JSON
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
        return to_bytes(data)


def to_json(value: Any) -> str:
    """Compact JSON text of a value that a ``RawList`` may stand in. Raises TypeError for what is no JSON."""
    return to_bytes(value).decode()


def to_bytes(value: Any) -> bytes:
    """The same in UTF-8: by orjson where it is installed (the extra ``fast``), which takes a tenth of the time."""
    if orjson is not None:
        try:
            return orjson.dumps(value, _fragment, _STRICT)
        except TypeError:
            pass  # Integers beyond 64 bits, lone surrogates and deep nesting are no JSON to it.
    return _with_raw_lists(value).encode("utf-8", "backslashreplace")


def _fragment(item: Any) -> Any:
    if not isinstance(item, jsontext.RawList):
        raise TypeError(f"{type(item).__name__} is no JSON")
    return orjson.Fragment(str(item))


def _with_raw_lists(value: Any) -> str:
    raw: list[jsontext.RawList] = []

    def placed(item: Any) -> str:
        if not isinstance(item, jsontext.RawList):
            raise TypeError(f"{type(item).__name__} is no JSON")
        raw.append(item)
        return _PLACE

    text = json.dumps(value, default=placed, **_OPTIONS)
    around = text.split(f'"{_PLACE}"')
    return "".join(chain(*zip(around, map(str, raw), strict=False), around[-1:]))


_OPTIONS: dict[str, Any] = {
    "ensure_ascii": False,
    "allow_nan": False,
    "check_circular": False,  # What answers are made of was JSON once.
    "separators": (",", ":"),
}
_PLACE = secrets.token_hex(16)
"""Stands in a text, until it is done, where something goes as it lies. Nobody outside knows it."""


def json_response(value: Any, *, status: int = 200) -> HttpResponse:
    """An answer without Django REST framework's rendering, which there is no choice in. It may hold a ``RawList``."""
    return HttpResponse(to_bytes(value), JSON, status)


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
    return moment.astimezone(UTC).isoformat("T", "microseconds")[:26]


def iso_seconds(moment: datetime) -> str:
    """``2025-09-05T16:02:09Z``: UTC without a fraction."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}Z"
