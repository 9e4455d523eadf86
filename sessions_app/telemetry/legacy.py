"""Where messages were before ``gen_ai.input.messages``: in events of the span, and in numbered attributes."""

from __future__ import annotations

from typing import Any

from sessions_app import jsontext
from sessions_app.telemetry.spans import Span

Message = Any
_EVENTS = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE = "gen_ai.choice"
MAX_INDEX = 10_000
_DEPTH = 100
"""Levels of nesting up to which JSON in a text is read; deeper, it stays a text."""


def messages_of(span: Span) -> tuple[list[Message], list[Message]]:
    """``(inputs, outputs)``, mostly in OpenAI's shape."""
    for found in (_of_events(span), _of_attributes(span)):
        if any(found):
            return found
    return [], []


def _of_events(span: Span) -> tuple[list[Message], list[Message]]:
    inputs: list[Message] = []
    outputs: list[Message] = []
    for event in span.events:
        body = _body(event["attributes"])
        if role := _EVENTS.get(event["name"]):
            call_id = {"tool_call_id": body["id"]} if role == "tool" and "id" in body else {}
            inputs.append({"role": role, **call_id, **body})
        elif event["name"] == _CHOICE:
            message = _json(body.get("message", body))
            outputs.append({"role": "assistant", **message} if isinstance(message, dict) else message)
        elif event["name"] == "gen_ai.content.prompt":
            inputs += _listed(event["attributes"].get("gen_ai.prompt"))
        elif event["name"] == "gen_ai.content.completion":
            outputs += _listed(event["attributes"].get("gen_ai.completion"))
    return inputs, outputs


def _body(attributes: dict[str, Any]) -> dict[str, Any]:
    """An event's message: as JSON in one attribute, or with an attribute for each key."""
    given = _json(attributes.get("gen_ai.event.content"))
    if isinstance(given, dict):
        return given
    keys = ("content", "role", "name", "id", "tool_calls", "message", "finish_reason")
    return {
        key: _json(attributes[key]) if key == "tool_calls" else attributes[key] for key in keys if key in attributes
    }


def _of_attributes(span: Span) -> tuple[list[Message], list[Message]]:
    """``gen_ai.prompt`` whole, or taken apart: ``gen_ai.prompt.0.role``, ``gen_ai.prompt.0.tool_calls.0.name``."""
    return _numbered(span.attributes, "gen_ai.prompt"), _numbered(span.attributes, "gen_ai.completion")


def _numbered(attributes: dict[str, Any], name: str) -> list[Message]:
    found: dict[int, dict[str, Any]] = {}
    for key, value in attributes.items():
        number, _, rest = key.removeprefix(f"{name}.").partition(".")
        if key.startswith(f"{name}.") and rest and number.isdecimal() and int(number[:6]) < MAX_INDEX:
            found.setdefault(int(number[:6]), {})[rest] = value
    if not found:
        return _listed(attributes.get(name))
    return [_assembled(found[number]) for number in sorted(found)]


def _assembled(pieces: dict[str, Any]) -> dict[str, Any]:
    calls: dict[str, dict[str, Any]] = {}
    message = {}
    for key, value in pieces.items():
        if key.startswith("tool_calls."):
            number, _, field = key.removeprefix("tool_calls.").partition(".")
            calls.setdefault(number, {})[field] = value
        else:
            message[key] = value
    if calls:
        message["tool_calls"] = [{"id": call.get("id"), "function": call} for call in calls.values()]
    return message


def _listed(value: Any) -> list[Message]:
    given = _json(value)
    if given in (None, ""):
        return []
    return given if isinstance(given, list) else [given]


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    read = jsontext.loads_or(value, value, _DEPTH)
    return read if isinstance(read, dict | list) else value
