"""JSON kept as text: what goes in comes out equal, on every database.

NUL and lone surrogates stay escaped, since PostgreSQL's text refuses them raw; everything else is written as it is.
Key order, integers of any size and floats survive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue

MAX_DEPTH = 256
"""Levels of nesting: well inside the interpreter's recursion limit, also for code that walks a value."""
MAX_FILTERABLE_DEPTH = 30
"""MariaDB's JSON functions refuse documents deeper than 32 levels."""
_TOO_DEEP = _("Nested deeper than %(limit)d levels")
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False)
"""A value that holds itself is endless nesting: to look for one would take longer than to write most values."""
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class RawList:
    """A list whose items are JSON texts, on its way from a column to a client who reads them."""

    __slots__ = ("texts",)

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def __len__(self) -> int:
        return len(self.texts)

    def __str__(self) -> str:
        return f"[{','.join(self.texts)}]"

    def values(self) -> list[Any]:
        """The items, read."""
        items: list[Any] = loads(str(self))
        return items


def dumps(value: Any) -> str:
    """``value`` as compact JSON text. Raises InvalidValue for what JSON cannot say (NaN, objects, endless nesting)."""
    try:
        text = _COMPACT.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidValue(_("Not storable as JSON: %(error)s"), params={"error": error}, code="json_type") from error
    if too_deep(value, text):
        raise InvalidValue(_TOO_DEEP, params={"limit": MAX_DEPTH}, code="json_depth")
    return escape_surrogates(text)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError (also for NaN, Infinity and 1e400) and RecursionError."""
    if not isinstance(text, str):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    elif text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    return _DECODER.decode(text)


def loads_or(text: str, default: Any, limit: int = MAX_DEPTH) -> Any:
    """The value of a text that may be JSON; ``default`` where it is not, or is nested deeper than ``limit``."""
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return default
    return default if too_deep(value, text, limit) else value


def loads_two(text: str) -> tuple[Any, Any]:
    """The values of two JSON texts, one behind the other."""
    first, end = _DECODER.raw_decode(text)
    return first, loads(text[end:])


def loads_all(texts: Sequence[str | None]) -> list[Any]:
    """The values of many JSON texts, read as one; None for None."""
    if not any(texts):
        return [*texts]
    values: list[Any] = loads(f"[{','.join([text or 'null' for text in texts])}]")
    return values


def too_deep(value: Any, text: str | bytes, limit: int = MAX_DEPTH) -> bool:
    """Whether ``value``, written as ``text``, is nested deeper than ``limit``. Walks only where it could be."""
    brackets = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    return brackets > limit and depth(value) > limit


def depth(value: Any) -> int:
    """How many containers lie inside each other; 0 for a scalar."""
    levels, layer = 0, [value]
    while layer := [item for item in layer if isinstance(item, dict | list | tuple)]:
        levels += 1
        layer = [inner for item in layer for inner in (item.values() if isinstance(item, dict) else item)]
    return levels


def filterable(value: Any) -> Any:
    """``value`` where every database can keep it as a real JSON column, else InvalidValue."""
    text = dumps(value)
    if _ESCAPED_NUL.search(text):
        raise InvalidValue(_("Null characters are not allowed here"), code="null_character")
    if "\\ud" in text and _has_surrogate(value):
        raise InvalidValue(_("Lone surrogates are not allowed here"), code="surrogate_character")
    if too_deep(value, text, MAX_FILTERABLE_DEPTH):
        raise InvalidValue(_TOO_DEEP, params={"limit": MAX_FILTERABLE_DEPTH}, code="json_depth")
    return value


def is_filterable(value: Any) -> bool:
    """Whether a real JSON column could hold ``value``: a look-up of anything else finds nothing."""
    try:
        filterable(value)
    except InvalidValue:
        return False
    return True


def escape_surrogates(text: str) -> str:
    """JSON text in which lone surrogates, which UTF-8 cannot say, are ``\\udXXX`` escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _has_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"{digits} is beyond what a float can say")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
"""Made once: to make one costs more than to read a short text."""
