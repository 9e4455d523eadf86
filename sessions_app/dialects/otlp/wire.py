"""Bodies as OTLP/HTTP has them: protobuf or JSON, packed or not, and answered in kind."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping
from typing import IO, Any, cast

from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from sessions_app.dialects.wire import read_limited

JSON, PROTOBUF = "application/json", "application/x-protobuf"


class NotInstalled(APIException):
    status_code = 501
    default_detail = 'This server takes no OpenTelemetry spans: it lacks the packages of "django-agent-sessions[otlp]"'


class PackedParser(BaseParser):
    """A body as bytes, unpacked. Raises what is answered with 400, 413 or 415."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request: Request = (parser_context or {})["request"]
        body = read_limited(stream)
        packing = request.headers.get("Content-Encoding", "").strip().lower()
        if packing in {"", "identity"}:
            return body
        if packing != "gzip":
            raise UnsupportedMediaType(packing, "Send the body with Content-Encoding gzip, or without any")
        try:
            with gzip.open(io.BytesIO(body)) as unpacked:
                return read_limited(cast("IO[bytes]", unpacked))
        except (OSError, EOFError, zlib.error) as error:
            raise ParseError(f"The body is not gzip: {error}") from error


class BytesRenderer(BaseRenderer):
    """Sends what is encoded already."""

    media_type = PROTOBUF
    format = "protobuf"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return bytes(data)


def base_type(request: Request) -> str:
    """The media type of a request, without its parameters."""
    return (request.content_type or "").partition(";")[0].strip().lower()


def answer_type(request: Request) -> str:
    """The media type of the answer: that of the request, protobuf where it has another."""
    return JSON if base_type(request) == JSON else PROTOBUF
