"""Messages as OpenTelemetry's GenAI conventions have them: a role and a list of parts."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import HIDDEN, CanonicalMessage, Part, foreign_part
from sessions_app.formats.openai_chat import OpenAIChat, kept, parse_arguments

_SKELETON = ("role", "name", "finish_reason")
_MODALITIES = ("image", "audio", "video")


class OTelGenAI:
    """``{"role": ..., "parts": [{"type": "text", "content": ...}, {"type": "tool_call", ...}, ...], ...}``."""

    name = "otel.genai"

    def check(self, payload: Any) -> None:
        OpenAIChat().check(payload)  # What a role may be is the same.
        parts = payload.get("parts")
        if not isinstance(parts, list):
            raise InvalidValue(_("Must be a list of parts"), location=("parts",), code="list_type")
        for index, part in enumerate(parts):
            if not isinstance(part, dict) or not isinstance(part.get("type"), str) or not part["type"]:
                message = _("A part must be an object with a type")
                raise InvalidValue(message, location=("parts", index), code="dict_type")

    def read(self, payload: Any) -> CanonicalMessage:
        """A message that holds answers of tools is a tool's, whatever role its model's provider has for it."""
        parts = [_part(part) for part in payload["parts"]]
        answers = [part["id"] for part in parts if part["type"] == "tool_call_response"]
        name = payload.get("name")
        return CanonicalMessage(
            role="tool" if answers else payload["role"],
            parts=parts,
            name=name if isinstance(name, str) else "",
            tool_call_id=answers[0] if answers else "",
        )

    def redacted(self, payload: Any) -> Any:
        parts = [_redacted_part(part) for part in payload["parts"]]
        return {**kept(payload, _SKELETON), "parts": [part for part in parts if part is not None] or [_said(HIDDEN)]}

    def with_text(self, payload: Any, text: str) -> Any:
        parts = payload["parts"]
        kind, key = "text", "content"
        if any(part["type"] == "tool_call_response" for part in parts):
            kind, key = "tool_call_response", "response"
        places = [index for index, part in enumerate(parts) if part["type"] == kind]
        if not places:
            return {**payload, "parts": [*parts, _said(text)]}
        said = {name: value for name, value in parts[places[0]].items() if name != "result"} | {key: text}
        kept_parts = [said if i == places[0] else part for i, part in enumerate(parts) if i not in places[1:]]
        return {**payload, "parts": kept_parts}

    def with_role(self, payload: Any, role: str) -> Any:
        return {**payload, "role": role}


def _part(part: dict[str, Any]) -> Part:
    kind = part["type"]
    if kind in {"text", "reasoning"}:
        return {"type": kind, "content": _text(part.get("content"))}
    if kind == "tool_call":
        arguments = parse_arguments(part.get("arguments"))
        return {"type": kind, "id": _text(part.get("id")), "name": _text(part.get("name")), "arguments": arguments}
    if kind == "tool_call_response":
        name = {"name": part["name"]} if isinstance(part.get("name"), str) else {}
        # Older writers say "result".
        return {"type": kind, "id": _text(part.get("id")), **name, "response": part.get("response", part.get("result"))}
    if kind in {"blob", "uri", "file"}:
        content = {"content": part["data"]} if "data" in part and "content" not in part else {}
        return foreign_part({"modality": _modality(part.get("mime_type")), **part, **content}, kind)
    return foreign_part(part, kind)


def _redacted_part(part: dict[str, Any]) -> Part | None:
    """A part without its words; None for media and thoughts, of which nothing is left."""
    shown = kept(part, ("type", "id", "name"))
    if part["type"] == "tool_call":
        return {**shown, "arguments": {}}
    if part["type"] == "tool_call_response":
        return {**shown, "response": HIDDEN}
    return _said(HIDDEN) if part["type"] == "text" else None


def _said(text: str) -> Part:
    return {"type": "text", "content": text}


def _modality(mime_type: Any) -> str:
    kind = mime_type.partition("/")[0] if isinstance(mime_type, str) else ""
    return kind if kind in _MODALITIES else "document"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
