"""Items of OpenAI's Responses API: messages, reasoning, tool calls and their outputs, each an item of its own."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import HIDDEN, CanonicalMessage, Part, foreign_part, read_time, read_usage
from sessions_app.formats.openai_chat import OpenAIChat, content_with_text, kept, parse_arguments, read_content

_SKELETON = ("id", "type", "role", "status", "call_id", "name", "created_at")


class OpenAIResponses:
    """``{"type": "message" | "reasoning" | "function_call" | "function_call_output" | ..., ...}``."""

    name = "openai.responses"

    def check(self, payload: Any) -> None:
        if not isinstance(payload, dict):
            raise InvalidValue(_("An item must be an object"), code="dict_type")
        if (kind := _kind(payload)) == "message":
            OpenAIChat().check(payload)
        elif not isinstance(kind, str) or not kind:
            raise InvalidValue(_("An item's type must be text"), location=("type",), code="string_type")

    def read(self, payload: Any) -> CanonicalMessage:
        kind = _kind(payload)
        call_id = payload.get("call_id") or payload.get("id")
        call_id = call_id if isinstance(call_id, str) else ""
        role, parts = "assistant", [foreign_part(payload, kind)]
        if kind == "message":
            role, parts = payload["role"], read_content(payload.get("content"))
        elif kind == "reasoning":
            parts = _reasoning(payload)
        elif _is_output(kind):
            role, parts = "tool", [_output(payload, call_id)]
        elif kind == "program" or kind.endswith("_call"):
            parts = _hosted_call(payload, call_id, kind)
            role = "tool" if parts[-1]["type"] == "tool_call_response" else role
        name = payload.get("name")
        return CanonicalMessage(
            role=role,
            parts=parts,
            name=name if isinstance(name, str) else "",
            tool_call_id=call_id if role == "tool" else "",
            usage=read_usage(payload.get("usage")),
            created_at=read_time(payload.get("created_at")),
        )

    def redacted(self, payload: Any) -> Any:
        kind, shown = _kind(payload), kept(payload, _SKELETON)
        if kind == "message":
            return {**shown, "content": _hidden_content(payload)}
        if kind == "reasoning":
            return {**shown, "summary": []}
        if _is_output(kind):
            return {**shown, "output": HIDDEN}
        emptied = {"arguments": "{}", "input": HIDDEN, "action": {}}
        return {**shown, **{key: value for key, value in emptied.items() if key in payload}}

    def with_text(self, payload: Any, text: str) -> Any:
        kind = _kind(payload)
        if kind == "message":
            return {**payload, "content": _with_text(payload, text)}
        if _is_output(kind):
            return {**payload, "output": text}
        raise InvalidValue(_("This item has no text of its own"), location=("type",))

    def with_role(self, payload: Any, role: str) -> Any:
        if _kind(payload) != "message":
            raise InvalidValue(_("This item has no role of its own"), location=("type",))
        return {**payload, "role": role}


def _kind(item: dict[str, Any]) -> Any:
    """An item's type, which messages and references to earlier items may leave out."""
    is_reference = item.get("type") is None and "role" not in item and isinstance(item.get("id"), str)
    return "item_reference" if is_reference else item.get("type", "message")


def _is_output(kind: str) -> bool:
    return kind.endswith(("_output", "_call_result"))


def _hidden_content(item: dict[str, Any]) -> Any:
    if not isinstance(item.get("content"), list):
        return HIDDEN
    if item["role"] == "assistant":
        return [{"type": "output_text", "text": HIDDEN, "annotations": []}]
    return [{"type": "input_text", "text": HIDDEN}]


def _with_text(item: dict[str, Any], text: str) -> Any:
    content = content_with_text(item.get("content"), text)
    words = {"text": "output_text" if item["role"] == "assistant" else "input_text"}
    if not isinstance(content, list):
        return content
    return [
        {**part, "type": words.get(part.get("type", ""), part.get("type"))} if isinstance(part, dict) else part
        for part in content
    ]


def _reasoning(item: dict[str, Any]) -> list[Part]:
    pieces = [piece for key in ("summary", "content") if isinstance(item.get(key), list) for piece in item[key]]
    texts = [piece["text"] for piece in pieces if isinstance(piece, dict) and isinstance(piece.get("text"), str)]
    return [{"type": "reasoning", "content": text} for text in texts]


def _hosted_call(item: dict[str, Any], call_id: str, kind: str) -> list[Part]:
    """A call; of a tool that the provider ran itself, with what came out of it."""
    name = item.get("name")
    name = name if isinstance(name, str) and name else kind.removesuffix("_call")
    call: Part = {"type": "tool_call", "id": call_id, "name": name, "arguments": _arguments(item)}
    if kind == "image_generation_call" and isinstance(item.get("result"), str):
        mime = f"image/{item.get('output_format') or 'png'}"
        return [call, {"type": "blob", "modality": "image", "mime_type": mime, "content": item["result"]}]
    outcomes = [item[key] for key in ("output", "outputs", "results", "error") if item.get(key) is not None]
    return [call, *({"type": "tool_call_response", "id": call_id, "response": each} for each in outcomes[:1])]


def _arguments(item: dict[str, Any]) -> Any:
    given = next((item[key] for key in ("arguments", "input", "action", "operation") if key in item), None)
    rest = {key: item[key] for key in ("queries", "code") if key in item}
    return rest if given is None and rest else parse_arguments(given)


def _output(item: dict[str, Any], call_id: str) -> Part:
    output = next((item[key] for key in ("output", "result", "tools") if key in item), None)
    if isinstance(output, list):
        texts = [str(part.get("content")) for part in read_content(output) if part["type"] == "text"]
        output = "\n".join(texts) if len(texts) == len(output) else json.dumps(output, ensure_ascii=False)
    return {"type": "tool_call_response", "id": call_id, "response": output}
