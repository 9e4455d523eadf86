"""Messages of a session in pieces: each starts at a position, and holds a bounded number of rows and characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models.functions import Left, Length

from sessions_app.admin.addresses import LAST
from sessions_app.models import Message
from sessions_app.querysets import MessageQuerySet

SIZE = 100
"""Messages in a piece."""
SLACK = 50
"""As many more join a piece rather than that a tool's answer is torn from its call."""
BEFORE = 30
"""Of the messages around a position, those that stand before it."""
CHARACTERS = 4_000_000
"""Of all payloads in a piece; one message is always in it."""


class Row(NamedTuple):
    """As much of a message as is needed to find a piece's ends."""

    position: int
    role: str
    length: int
    start: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages in order, and whether there are others before and behind them."""

    messages: list[Message]
    has_before: bool
    has_after: bool

    @property
    def first(self) -> int:
        return self.messages[0].position if self.messages else 0

    @property
    def last(self) -> int:
        return self.messages[-1].position if self.messages else -1


def messages_of(session_pk: int, *, with_history: bool = False) -> MessageQuerySet:
    """The messages that a transcript of the session shows."""
    rows = Message.objects.filter(session=session_pk)
    return rows if with_history else rows.said()


def behind(rows: MessageQuerySet, position: int, *, may_reveal: bool) -> Piece:
    """The messages behind a position."""
    return _load(rows, _forwards(rows, position + 1, SIZE), may_reveal)


def before(rows: MessageQuerySet, position: int, *, may_reveal: bool) -> Piece:
    """The messages before a position."""
    return _load(rows, _backwards(rows, position, SIZE), may_reveal)


def around(rows: MessageQuerySet, position: int, *, may_reveal: bool) -> Piece:
    """The message at a position, or the next one that is there, with its neighbours."""
    earlier = _backwards(rows, position, BEFORE)
    found = [*earlier, *_forwards(rows, position, SIZE - len(earlier))]
    return _load(rows, found, may_reveal)


def _forwards(rows: MessageQuerySet, start: int, size: int) -> list[int]:
    skeleton = _skeleton(rows.filter(position__gte=min(start, LAST)).order_by("position"), size)
    return [row.position for row in _cut(skeleton, size, _belong)]


def _backwards(rows: MessageQuerySet, end: int, size: int) -> list[int]:
    skeleton = _skeleton(rows.filter(position__lt=min(end, LAST)).order_by("-position"), size)
    return [row.position for row in reversed(_cut(skeleton, size, lambda inner, outer: _belong(outer, inner)))]


def _skeleton(rows: MessageQuerySet, size: int) -> list[Row]:
    columns = rows.annotate(length=Length("payload"), start=Left("text", 1))
    return [Row(*values) for values in columns.values_list("position", "role", "length", "start")[: size + SLACK]]


def _cut(skeleton: Sequence[Row], size: int, belong: Callable[[Row, Row], bool]) -> Sequence[Row]:
    """The rows up to the first seam behind ``size`` of them, or as many as are not too long."""
    characters = 0
    for number, row in enumerate(skeleton):
        characters += row.length
        is_full = number >= size and not belong(skeleton[number - 1], row)
        if number and (is_full or characters > CHARACTERS):
            return skeleton[:number]
    return skeleton


def _belong(earlier: Row, later: Row) -> bool:
    """Whether two neighbours may be a call and its answer."""
    return later.role == "tool" or (earlier.role == "assistant" and not earlier.start)


def _load(rows: MessageQuerySet, positions: list[int], may_reveal: bool) -> Piece:
    if not positions:
        return Piece([], rows.exists(), has_after=False)
    first, last = positions[0], positions[-1]
    deferred: tuple[Any, ...] = () if may_reveal else ("original",)
    found = rows.filter(position__gte=first, position__lte=last).in_order().defer("text", *deferred)
    return Piece(
        list(found[: SIZE + 2 * SLACK + BEFORE]),
        has_before=rows.filter(position__lt=first).exists(),
        has_after=rows.filter(position__gt=last).exists(),
    )
