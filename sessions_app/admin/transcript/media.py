"""Pictures and files that lie inside messages."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from django.http import HttpResponse

_RASTER = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
_HEAD = 64
_WHITESPACE = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")


def raster_type(data: bytes) -> str | None:
    """The content type of a picture that a browser may show: told by its first bytes, whatever its writer says."""
    return next((kind for pattern, kind in _RASTER if pattern.match(data)), None)


def is_raster(content: Any) -> bool:
    """Whether base64 holds such a picture. Looks at its start only."""
    head = _WHITESPACE.sub("", content[:_HEAD]) if isinstance(content, str) else ""
    data = decode(head[: len(head) // 4 * 4])
    return data is not None and raster_type(data) is not None


def decode(content: Any) -> bytes | None:
    """The bytes in base64, also in its URL-safe alphabet; None where it is none."""
    if not isinstance(content, str):
        return None
    text = _WHITESPACE.sub("", content).translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def response(data: bytes, name: str) -> HttpResponse:
    """The bytes as a picture that can do nothing, or as a download."""
    kind = raster_type(data)
    answer = harmless(HttpResponse(data, content_type=kind or "application/octet-stream"))
    if kind is None:
        answer["Content-Disposition"] = f'attachment; filename="{name}.bin"'
    return answer


def plain_text(text: str) -> HttpResponse:
    """A text of any size, as nothing but text."""
    data = text.encode("utf-8", "backslashreplace")
    return harmless(HttpResponse(data, content_type="text/plain; charset=utf-8"))


def harmless(answer: HttpResponse) -> HttpResponse:
    """The response, kept from being taken for something that runs. The admin lets no cache keep it."""
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
