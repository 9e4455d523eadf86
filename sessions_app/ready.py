"""What of a message can be shown without reading its payload.

What a wire makes of a message is often the payload itself, or follows from role and text alone. That is found out once,
when the message is written, and kept beside it, so that a long conversation need not be parsed to be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sessions_app.formats import CanonicalMessage
from sessions_app.text import storable

PLAIN = 1
"""Role and text say it all: the one part of the message is its text, which a column holds as it is."""
_AS_IT_LIES: dict[int, Callable[[Any, str], bool]] = {}


def register(bit: int, is_as_it_lies: Callable[[Any, str], bool]) -> None:
    """Keep with each message that is written from now on whether a wire shows its ``(payload, format)`` as it lies.

    ``bit`` of ``Message.ready_for`` is the wire's own for ever: 2, 4, 8 ...
    """
    _AS_IT_LIES[bit] = is_as_it_lies


def columns(payload: Any, format: str, reading: CanonicalMessage) -> dict[str, Any]:
    """The columns that show a payload: its words, and ``ready_for``."""
    return {
        "text": storable(reading.text),
        "name": storable(reading.name)[:255],
        "tool_call_id": storable(reading.tool_call_id)[:255],
        "ready_for": bits(payload, format, reading),
    }


def bits(payload: Any, format: str, reading: CanonicalMessage) -> int:
    """``Message.ready_for`` of this payload."""
    plain = PLAIN if _is_plain(reading) else 0
    return plain + sum(bit for bit, is_as_it_lies in _AS_IT_LIES.items() if is_as_it_lies(payload, format))


def _is_plain(reading: CanonicalMessage) -> bool:
    if len(reading.parts) != 1 or reading.tool_call_id:
        return False
    [part] = reading.parts
    text = part.get("content")
    return part == {"type": "text", "content": text} and isinstance(text, str) and storable(text) == text
