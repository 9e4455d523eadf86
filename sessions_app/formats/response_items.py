"""Messages of any format as items of OpenAI's Responses API, for a model that is to go on with them."""

from __future__ import annotations

import json
from typing import Any

from sessions_app.formats.canonical import CanonicalMessage, Part

_ROLES = {"user", "assistant", "system", "developer"}
_KEPT_APART = {"tool_call", "tool_call_response", "reasoning"}


def render(message: CanonicalMessage) -> list[dict[str, Any]]:
    """A message as one item or more: what it says, its calls, its answers. Another model's reasoning stays out."""
    calls = [part for part in message.parts if part["type"] == "tool_call"]
    answers = [part for part in message.parts if part["type"] == "tool_call_response"]
    said = [part for part in message.parts if part["type"] not in _KEPT_APART]
    items = [_spoken(message, said)] if said or not (calls or answers) else []
    return [*items, *map(_call, calls), *map(_answer, answers)]


def _spoken(message: CanonicalMessage, parts: list[Part]) -> dict[str, Any]:
    role = message.role if message.role in _ROLES else "assistant"
    if role == "assistant" or all(part["type"] == "text" for part in parts):
        return {"role": role, "content": message.text}
    return {"role": role, "content": [_content(part) for part in parts]}


def _content(part: Part) -> dict[str, Any]:
    kind, is_image = part["type"], part.get("modality") == "image"
    if kind == "text":
        return {"type": "input_text", "text": part["content"]}
    if kind in {"uri", "blob"}:
        url = part["uri"] if kind == "uri" else f"data:{part.get('mime_type', '')};base64,{part['content']}"
        if is_image:
            return {"type": "input_image", "image_url": url}
        return {"type": "input_file", "file_url" if kind == "uri" else "file_data": url}
    if kind == "file":
        return {"type": "input_image" if is_image else "input_file", "file_id": part["file_id"]}
    return {"type": "input_text", "text": _json_text(part)}


def _call(part: Part) -> dict[str, Any]:
    arguments = _json_text(part.get("arguments"))
    return {"type": "function_call", "call_id": part["id"], "name": part["name"], "arguments": arguments}


def _answer(part: Part) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": part["id"], "output": _json_text(part.get("response"))}


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
