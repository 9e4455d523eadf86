"""A conversation for people and for other programs: Markdown, and OpenAI's chat messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sessions_app import formats
from sessions_app.formats import openai_chat
from sessions_app.formats.canonical import Part
from sessions_app.models import Message, Session


def openai_messages(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The conversation as chat completion messages: those that came so, as they came."""
    return [
        message.payload
        if message.format == formats.DEFAULT
        else openai_chat.render(formats.read(message.payload, message.format))
        for message in messages
    ]


def markdown(session: Session, messages: Iterable[Message]) -> str:
    """The conversation as a Markdown document."""
    return "\n".join(markdown_lines(session, messages))


def markdown_lines(session: Session, messages: Iterable[Message]) -> Iterator[str]:
    """The same document in pieces: one or several lines each, without the line end behind them."""
    yield f"# {_one_line(session.title or session.session_id)}"
    yield ""
    yield f"- Session: `{_one_line(session.session_id)}`"
    if session.agent:
        yield f"- {session.get_type_display()}: {_one_line(str(session.agent))}"
    if session.user_id:
        yield f"- User: {_one_line(session.user_id)}"
    yield f"- Created: {session.created_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"- Messages: {session.message_count}, tokens: {session.total_tokens}"
    for message in messages:
        reading = formats.read(message.payload, message.format)
        yield ""
        yield f"## {reading.role.capitalize()}{f' ({_one_line(reading.name)})' if reading.name else ''}"
        for part in reading.parts:
            yield ""
            yield from _part(part)
    yield ""


def _part(part: Part) -> Iterator[str]:
    kind = part["type"]
    if kind == "text":
        yield str(part.get("content", ""))
    elif kind == "reasoning":
        yield from (f"> {line}" for line in str(part.get("content", "")).splitlines())
    elif kind == "tool_call":
        yield f"Calls `{_one_line(part['name'])}` with"
        yield from _code(part.get("arguments"))
    elif kind == "tool_call_response":
        yield from _code(part.get("response"))
    elif kind == "uri":
        yield f"[{part['modality']}]({part['uri']})"
    elif kind in {"blob", "file"}:
        yield f"*{part.get('modality', 'file')} attached*"
    else:
        yield from _code(part)


def _code(value: Any) -> Iterator[str]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    fence = "```"
    while fence in text:
        fence += "`"
    yield ""
    yield fence if isinstance(value, str) else f"{fence}json"
    yield text
    yield fence


def _one_line(text: str) -> str:
    return " ".join(text.split())
