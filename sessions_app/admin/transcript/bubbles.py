"""One message as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions_app import formats
from sessions_app.admin import moments, numbers
from sessions_app.admin.transcript.links import Action, Links
from sessions_app.admin.transcript.parts import Result, Shown, ToolCall, show, show_text
from sessions_app.admin.transcript.text import Body, json_body, one_line
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Message

SIDES = {"user": "user", "assistant": "assistant", "tool": "tool", "system": "system", "developer": "system"}


@dataclass(slots=True)
class Bubble:
    """A message. ``joined`` are the positions of the tools' answers that are shown inside it."""

    pk: int
    position: int
    created_at: datetime
    time: SafeString
    side: str
    role: str
    name: str
    tokens: int
    token_details: str
    parts: list[Shown]
    actions: list[Action]
    is_again: bool = False
    is_hidden: bool = False
    original: Body | None = None
    is_match: bool = False
    day: str = ""
    brief: str = ""
    joined: list[int] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        """Whether it says nothing but which tools it calls."""
        return bool(self.parts) and all(isinstance(part, ToolCall) for part in self.parts)


class Bubbles:
    """Makes bubbles. It knows the calls that it met, so that answers join them."""

    def __init__(self, links: Links, query: str = "") -> None:
        self.links = links
        self.query = query.casefold()
        self.calls: dict[tuple[int | None, str], tuple[ToolCall, Bubble]] = {}

    def of(self, messages: Sequence[Message]) -> list[Bubble]:
        """The bubbles of messages; tools' answers are inside those that called."""
        return [bubble for message in messages if (bubble := self._bubble(message)) is not None]

    def _bubble(self, message: Message) -> Bubble | None:
        reading = _read(message)
        parts = self._parts(message, reading)
        is_match = bool(self.query) and self.query in reading.text.casefold()
        if self._join(message, parts, is_match):
            return None
        bubble = self._framed(message, reading, parts)
        bubble.is_match = is_match
        for part in parts:
            if isinstance(part, ToolCall):
                self.calls[message.run_id, part.call_id] = part, bubble
        return bubble

    def _parts(self, message: Message, reading: formats.CanonicalMessage) -> list[Shown]:
        shown = [show(part, index, message, self.links) for index, part in enumerate(reading.parts)]
        return _with_answers(shown) or [show_text(_("No content"), "")]

    def _join(self, message: Message, parts: list[Shown], is_match: bool) -> bool:
        """Whether all of a message are answers to calls, which now hold them."""
        answers = [part for part in parts if isinstance(part, Result)]
        keys = [(message.run_id, answer.call_id) for answer in answers]
        if len(answers) != len(parts) or message.is_redacted or not all(key in self.calls for key in keys):
            return False
        for answer, key in zip(answers, keys, strict=True):
            call, bubble = self.calls[key]
            call.results.append(answer)
            bubble.joined.append(message.position)
            bubble.is_match |= is_match
        return True

    def _framed(self, message: Message, reading: formats.CanonicalMessage, parts: list[Shown]) -> Bubble:
        original = message.original if self.links.may_reveal else None
        return Bubble(
            pk=message.pk,
            position=message.position,
            created_at=message.created_at,
            time=moments.clock(message.created_at),
            side=SIDES.get(message.role, "other"),
            role=_role(message.role),
            name=one_line(message.name) if message.role != "tool" else "",
            tokens=message.total_tokens,
            token_details=numbers.in_and_out(message.input_tokens, message.output_tokens),
            parts=parts,
            actions=self.links.message_actions(message),
            is_again=message.from_history,
            is_hidden=message.is_redacted,
            original=json_body(original) if original is not None else None,
            brief=one_line(reading.text[:400], 120) if message.role in {"system", "developer"} else "",
        )


def _read(message: Message) -> formats.CanonicalMessage:
    try:
        return formats.read(message.payload, message.format)
    except InvalidValue:  # A format that the site has forgotten.
        part = {"type": message.format, "content": message.payload}
        return formats.CanonicalMessage(role=message.role, parts=[part])


def _with_answers(parts: list[Shown]) -> list[Shown]:
    """A message's parts, with its answers inside its own calls: of tools that the model's provider ran."""
    calls = {part.call_id: part for part in parts if isinstance(part, ToolCall)}
    shown = []
    for part in parts:
        if isinstance(part, Result) and part.call_id in calls:
            calls[part.call_id].results.append(part)
        else:
            shown.append(part)
    return shown


def _role(role: str) -> str:
    names = {
        "user": _("User"),
        "assistant": _("Assistant"),
        "tool": _("Tool"),
        "system": _("System prompt"),
        "developer": _("Developer prompt"),
    }
    return names.get(role) or one_line(role, 64)
