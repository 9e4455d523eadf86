"""One reading of all messages, in the words of the OpenTelemetry GenAI message schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

Part = dict[str, Any]
"""A piece of a message, told apart by ``type``:

- ``text``, ``reasoning``: ``content``
- ``tool_call``: ``id``, ``name``, ``arguments`` (a JSON value; text only where it was no JSON)
- ``tool_call_response``: ``id``, ``response``, and ``name`` where known
- ``uri``: ``uri``, ``modality`` (image, audio, video, document), ``mime_type`` where known
- ``blob``: ``content`` (base64), ``modality``, ``mime_type``
- ``file``: ``file_id``, ``modality``
- anything else as its writer gave it
"""

HIDDEN = "[hidden]"
"""Stands where words were that somebody has hidden."""
MAX_TOKENS = 2**40
"""More than any run can cost; eight million of them still fit into a session's sum."""
_TEXTS_OF = {
    "text": ("content",),
    "reasoning": ("content",),
    "tool_call": ("id", "name"),
    "tool_call_response": ("id",),
    "uri": ("uri", "modality"),
    "blob": ("content", "modality"),
    "file": ("file_id", "modality"),
}


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that one message cost."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


@dataclass(frozen=True, slots=True)
class CanonicalMessage:
    """What a message says, whatever format it is in."""

    role: str
    parts: list[Part] = field(default_factory=list)
    name: str = ""
    tool_call_id: str = ""
    usage: Usage = Usage()
    created_at: datetime | None = None
    from_history: bool = False

    @property
    def text(self) -> str:
        """The text parts and tool answers, one under the other."""
        texts = [part.get("content") for part in self.parts if part["type"] == "text"]
        answers = [part.get("response") for part in self.parts if part["type"] == "tool_call_response"]
        return "\n".join(text for text in [*texts, *answers] if isinstance(text, str) and text)


class MessageFormat(Protocol):
    """A native format. ``name`` is what ``Message.format`` holds.

    Of one that lacks ``redacted``, ``with_text`` or ``with_role``, messages can be read, but not hidden or edited so.
    """

    name: str

    def check(self, payload: Any) -> None:
        """Raise InvalidValue, with the way to the culprit, for what is no message of this format."""

    def read(self, payload: Any) -> CanonicalMessage:
        """The canonical reading of a payload that ``check`` let in."""

    def redacted(self, payload: Any) -> Any:
        """The payload without its words, still valid: with role, type, ids, tool names and counts, so that calls and
        answers still match."""

    def with_text(self, payload: Any, text: str) -> Any:
        """The payload with another text; media and tool calls stay. Raises InvalidValue where it can have none."""

    def with_role(self, payload: Any, role: str) -> Any:
        """The payload in another role. Raises InvalidValue where it can have none."""


def foreign_part(item: dict[str, Any], kind: str) -> Part:
    """A part as its writer gave it; ``unknown`` where it has the name of one of ours, but not its contents."""
    is_whole = all(isinstance(item.get(key), str) for key in _TEXTS_OF.get(kind, ()))
    return {**item, "type": kind if is_whole else "unknown"}


def read_usage(counts: Any) -> Usage:
    """Tokens by OpenAI's older or newer names; zero for what is missing or no count."""
    if not isinstance(counts, dict):
        return Usage()
    given = _count(counts, "input_tokens", "prompt_tokens"), _count(counts, "output_tokens", "completion_tokens")
    return Usage(*given, _count(counts, "total_tokens") or sum(given))


def read_time(value: Any) -> datetime | None:
    """A moment from epoch seconds or ISO text (naive is UTC); None where it is neither."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _count(counts: dict[str, Any], *names: str) -> int:
    for name in names:
        value = counts.get(name)
        if type(value) is int and 0 <= value <= MAX_TOKENS:
            return value
    return 0
