"""Text of strangers made harmless: cut to what a page can hold, with control characters as visible signs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sessions_app import jsontext

SHOWN = 20_000
"""Characters of one text that a page holds; the rest comes on demand."""
SHOWN_STRING = 2_000
"""Characters of one string inside JSON."""
_LINES = {"\n", "\t"}
_OVERRIDES = "\u202d\u202e"
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in _LINES} | {0x7F: "\u2421"}
_CONTROLS = _PICTURES | {code: f"\u27e8U+{code:04X}\u27e9" for code in range(0x80, 0xA0)}
_IN_PROSE = _CONTROLS | {ord(sign): f"\u27e8U+{ord(sign):04X}\u27e9" for sign in _OVERRIDES}
_IN_CODE = _CONTROLS | {ord(sign): f"\u27e8U+{ord(sign):04X}\u27e9" for sign in _BIDI}
_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Body:
    """Text as far as a page shows it; ``left`` characters more are at ``url``."""

    text: str
    left: int = 0
    url: str = ""
    is_json: bool = False


def prose(text: str) -> str:
    """Text for reading. Marks that scripts need stay; those that turn the order of others around are shown."""
    return _clean(text).translate(_IN_PROSE)


def code(text: str) -> str:
    """Text for looking closely: every control character is shown."""
    return _clean(text).translate(_IN_CODE)


def plain_body(text: str, url: str = "") -> Body:
    """A text as it is."""
    return Body(code(text[:SHOWN]), max(0, len(text) - SHOWN), url)


def json_body(value: Any, url: str = "") -> Body:
    """A JSON value, indented, its long strings shortened."""
    text = indented(_shortened(value))
    missing = sum(_missing(value)) if url else 0
    return Body(code(text[:SHOWN]), max(0, len(text) - SHOWN) + missing, url, is_json=True)


def value_body(value: Any, url: str = "") -> Body:
    """Text as it is; JSON, also JSON in text, indented."""
    if not isinstance(value, str):
        return json_body(value, url)
    parsed = _container_in(value)
    return plain_body(value, url) if parsed is None else json_body(parsed, url)


def indented(value: Any) -> str:
    """JSON for people."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def one_line(value: Any, length: int = 80) -> str:
    """The start of a value, on one line."""
    text = value if isinstance(value, str) else json.dumps(_shortened(value), ensure_ascii=False)
    text = code(" ".join(text[: 4 * length].split()))
    return text if len(text) <= length else f"{text[: length - 1]}\u2026"


def _clean(text: str) -> str:
    return jsontext.escape_surrogates(_LINE_END.sub("\n", text))


def _container_in(text: str) -> Any:
    if text.lstrip()[:1] not in {"{", "["} or len(text) > 50 * SHOWN:
        return None
    return jsontext.loads_or(text, None)


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= SHOWN_STRING else f"{value[:SHOWN_STRING]}\u2026 (+{len(value) - SHOWN_STRING:,})"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value


def _missing(value: Any) -> list[int]:
    if isinstance(value, str):
        return [max(0, len(value) - SHOWN_STRING)]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [count for item in inner for count in _missing(item)]
