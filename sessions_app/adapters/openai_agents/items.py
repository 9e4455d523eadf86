"""Items as the SDK gives them to its storage, and wants them back: equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sessions_app import formats
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import response_items
from sessions_app.formats.any_json import AnyJSON
from sessions_app.formats.openai_responses import OpenAIResponses
from sessions_app.services import NewMessage

Item = dict[str, Any]
GIVEN = {"user", "system", "developer"}
"""Roles of the items that a run is started with."""


def new_messages(items: Sequence[Item]) -> list[NewMessage]:
    """The items on their way into the store. What is no item of the Responses API is kept as plain JSON."""
    return [NewMessage(item, format_of(item)) for item in items]


def format_of(item: Any) -> str:
    try:
        formats.get(OpenAIResponses.name).check(item)
    except InvalidValue:
        return AnyJSON.name
    return OpenAIResponses.name


def stored_items(payload: Any, format: str) -> list[Item]:
    """The items of one message: what the SDK wrote as it was, other writers' messages in its words."""
    if format in {OpenAIResponses.name, AnyJSON.name}:
        return [payload]
    return response_items.render(formats.read(payload, format))


def turns(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items in pieces: a new one starts wherever somebody says something after the agent did."""
    piece: list[Item] = []
    for item in items:
        if piece and is_given(item) and not is_given(piece[-1]):
            yield piece
            piece = []
        piece.append(item)
    if piece:
        yield piece


def is_given(item: Any) -> bool:
    """Whether an item is what a run is started with, and not what it came to."""
    role = item.get("role") if isinstance(item, dict) else None
    return isinstance(role, str) and role in GIVEN


def answer(messages: Sequence[NewMessage]) -> str | None:
    """The last words of the agent in ``messages``."""
    sayable = [message for message in messages if isinstance(message.payload, dict)]  # The rest is refused later.
    readings = (formats.read(message.payload, message.format) for message in reversed(sayable))
    return next((reading.text for reading in readings if reading.role == "assistant" and reading.text), None)
