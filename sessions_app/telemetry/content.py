"""What was said in a span: the messages that went in and came out, each in the format ``otel.genai``."""

from __future__ import annotations

import json
from typing import Any

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.openai_chat import OpenAIChat
from sessions_app.telemetry import legacy
from sessions_app.telemetry.spans import Span

Payload = dict[str, Any]
DETAILS_EVENT = "gen_ai.client.inference.operation.details"
_DEPTH = jsontext.MAX_DEPTH - 16
"""Room for what is put around a value before it is stored."""


def messages_of(span: Span) -> tuple[list[Payload], list[Payload]]:
    """``(inputs, outputs)``; a call's inputs repeat the conversation so far. Empty where nothing was captured."""
    attributes = _with_details(span)
    outputs = _read(attributes.get("gen_ai.output.messages"), "assistant")
    inputs = _system(attributes) + _read(attributes.get("gen_ai.input.messages"), "user")
    if not inputs and not outputs:
        old_inputs, old_outputs = legacy.messages_of(span)
        inputs = [as_message(message, "user") for message in old_inputs]
        outputs = [as_message(message, "assistant") for message in old_outputs]
    return _apart(inputs), _apart(outputs)


def tool_messages(span: Span, told: set[str]) -> list[Payload]:
    """A tool's call and its answer, as far as the span holds them and ``told`` (ids and answers) does not."""
    call_id, name = span.text("gen_ai.tool.call.id") or span.span_id, span.text("gen_ai.tool.name")
    messages = []
    arguments, result = (span.attributes.get(f"gen_ai.tool.call.{key}") for key in ("arguments", "result"))
    if arguments is not None and f"tool_call {call_id}" not in told:
        part = {"type": "tool_call", "id": call_id, "name": name, "arguments": parsed(arguments)}
        messages.append({"role": "assistant", "parts": [part]})
    if result is not None and f"tool_call_response {call_id}" not in told:
        part = {"type": "tool_call_response", "id": call_id, "name": name, "response": parsed(result)}
        messages.append({"role": "tool", "parts": [part]})
    return messages


def as_message(value: Any, role: str) -> Payload:
    """``value`` as it is where it is such a message; else what can be read of it, by default as ``role``'s."""
    if isinstance(value, dict):
        message = {**value, "role": value["role"] if _is_role(value.get("role")) else role}
        if isinstance(value.get("parts"), list):
            return {**message, "parts": [_part(part) for part in value["parts"]]}
        if _is_chat(message):
            reading = OpenAIChat().read(message)
            return {"role": reading.role, "parts": reading.parts, **({"name": reading.name} if reading.name else {})}
    return {"role": role, "parts": [_part(value)]}


def parsed(value: Any) -> Any:
    """Attributes hold JSON as text where an SDK takes no structured values. Text that is no JSON stays text."""
    if not isinstance(value, str) or value[:1] not in "[{":
        return value
    return jsontext.loads_or(value, value, _DEPTH)


def _is_role(value: Any) -> bool:
    return _is_chat({"role": value, "content": ""})


def _is_chat(message: Payload) -> bool:
    """Whether this is a message in OpenAI's shape."""
    try:
        OpenAIChat().check(message)
    except InvalidValue:
        return False
    return bool({"content", "tool_calls", "function_call"} & message.keys())


def _part(value: Any) -> Payload:
    if isinstance(value, dict) and isinstance(value.get("type"), str) and value["type"]:
        return value
    return {"type": "text", "content": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


def _with_details(span: Span) -> dict[str, Any]:
    """The span's attributes, and those of the event that some writers put the messages into."""
    events = [event["attributes"] for event in span.events if event["name"] == DETAILS_EVENT]
    return {key: value for attributes in (*events, span.attributes) for key, value in attributes.items()}


def _system(attributes: dict[str, Any]) -> list[Payload]:
    given = parsed(attributes.get("gen_ai.system_instructions"))
    if not given:
        return []
    return [as_message({"role": "system", "parts": given} if isinstance(given, list) else given, "system")]


def _read(value: Any, role: str) -> list[Payload]:
    given = parsed(value)
    if given in (None, "", {}):
        return []
    return [as_message(message, role) for message in (given if isinstance(given, list) else [given])]


def _apart(messages: list[Payload]) -> list[Payload]:
    """Answers of several tools in one message become one message each: so every wire can say them."""
    return [piece for message in messages for piece in _pieces(message)]


def _pieces(message: Payload) -> list[Payload]:
    parts = message["parts"]
    answers = [part for part in parts if part["type"] == "tool_call_response"]
    if not answers or len(parts) == 1:
        return [message]
    rest = [part for part in parts if part["type"] != "tool_call_response"]
    return [{**message, "parts": each} for each in (*([part] for part in answers), rest) if each]
