"""Items of OpenAI's Responses API: messages, reasoning, tool calls and their outputs, each an item of its own."""

from __future__ import annotations

import json
from typing import Any

from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import CanonicalMessage, Part, foreign_part, read_time, read_usage
from sessions_app.formats.openai_chat import OpenAIChat, parse_arguments, read_content


class OpenAIResponses:
    """``{"type": "message" | "reasoning" | "function_call" | "function_call_output" | ..., ...}``."""

    name = "openai.responses"

    def check(self, payload: Any) -> None:
        if not isinstance(payload, dict):
            raise InvalidValue("An item must be an object", code="dict_type")
        if payload.get("type", "message") == "message":
            OpenAIChat().check(payload)
        elif not isinstance(payload["type"], str) or not payload["type"]:
            raise InvalidValue("An item's type must be text", location=("type",), code="string_type")

    def read(self, payload: Any) -> CanonicalMessage:
        kind = payload.get("type", "message")
        call_id = payload.get("call_id") or payload.get("id")
        call_id = call_id if isinstance(call_id, str) else ""
        role, parts = "assistant", [foreign_part(payload, kind)]
        if kind == "message":
            role, parts = payload["role"], read_content(payload.get("content"))
        elif kind == "reasoning":
            parts = _reasoning(payload)
        elif kind.endswith(("_call_output", "_call_result")):
            role, parts = "tool", [_output(payload, call_id)]
        elif kind.endswith("_call"):
            parts = [_call(payload, call_id, kind)]
        name = payload.get("name")
        return CanonicalMessage(
            role=role,
            parts=parts,
            name=name if isinstance(name, str) else "",
            tool_call_id=call_id if role == "tool" else "",
            usage=read_usage(payload.get("usage")),
            created_at=read_time(payload.get("created_at")),
        )


def _reasoning(item: dict[str, Any]) -> list[Part]:
    pieces = [piece for key in ("summary", "content") if isinstance(item.get(key), list) for piece in item[key]]
    texts = [piece["text"] for piece in pieces if isinstance(piece, dict) and isinstance(piece.get("text"), str)]
    return [{"type": "reasoning", "content": text} for text in texts]


def _call(item: dict[str, Any], call_id: str, kind: str) -> Part:
    name = item.get("name")
    name = name if isinstance(name, str) and name else kind.removesuffix("_call")
    arguments = item.get("arguments", item.get("input", item.get("action")))
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": parse_arguments(arguments)}


def _output(item: dict[str, Any], call_id: str) -> Part:
    output = item.get("output")
    if isinstance(output, list):
        texts = [str(part.get("content")) for part in read_content(output) if part["type"] == "text"]
        output = "\n".join(texts) if len(texts) == len(output) else json.dumps(output, ensure_ascii=False)
    return {"type": "tool_call_response", "id": call_id, "response": output}
