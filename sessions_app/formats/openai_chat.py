"""OpenAI's chat completion messages, and the many dialects that extend them.

Read here too are keys that other writers add: ``reasoning_content``, lists of ``images``, ``audio``, ``videos`` and
``files`` beside the content, ``metrics`` or ``usage``, ``created_at``, ``from_history`` and ``tool_name``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import HIDDEN, CanonicalMessage, Part, foreign_part, read_time, read_usage

MAX_ROLE_LENGTH = 64
_SKELETON = ("id", "role", "name", "tool_call_id", "tool_name", "created_at", "from_history")
_COUNTS = ("metrics", "usage")
_MEDIA_LISTS = {"images": "image", "audio": "audio", "videos": "video", "files": "document"}


class OpenAIChat:
    """``{"role": ..., "content": text or list of parts, "tool_calls": [...], ...}``."""

    name = "openai.chat"

    def check(self, payload: Any) -> None:
        if not isinstance(payload, dict):
            raise InvalidValue(_("A message must be an object"), code="dict_type")
        role = payload.get("role")
        if "role" not in payload:
            raise InvalidValue(_("Field required"), location=("role",), code="missing")
        if not isinstance(role, str) or not role or len(role) > MAX_ROLE_LENGTH:
            message = _("A role must be text of 1 to %(limit)d characters")
            raise InvalidValue(message, params={"limit": MAX_ROLE_LENGTH}, location=("role",), code="string_type")
        if "\x00" in role or role != role.encode("utf-8", "replace").decode():
            raise InvalidValue(_("A role must be plain text"), location=("role",), code="string_type")
        calls = payload.get("tool_calls")
        if calls is not None and not (isinstance(calls, list) and all(isinstance(call, dict) for call in calls)):
            raise InvalidValue(_("Must be a list of objects"), location=("tool_calls",), code="list_type")

    def read(self, payload: Any) -> CanonicalMessage:
        role = payload["role"]
        reasoning = payload.get("reasoning_content") or payload.get("reasoning")
        parts = [_reasoning(reasoning)] if isinstance(reasoning, str) else []
        call_id = _text(payload.get("tool_call_id"))
        name = _text(payload.get("name") or payload.get("tool_name"))
        if role in {"tool", "function"}:
            parts.append(_tool_response(payload.get("content"), call_id, name))
        else:
            parts += read_content(payload.get("content"))
        parts += [_tool_call(call) for call in payload.get("tool_calls") or []]
        if isinstance(call := payload.get("function_call"), dict):
            parts.append(_tool_call({"function": call}))
        for key, modality in _MEDIA_LISTS.items():
            media = payload.get(key)
            parts += [_media(item, modality) for item in (media if isinstance(media, list) else [])]
        return CanonicalMessage(
            role=role,
            parts=parts,
            name=name,
            tool_call_id=call_id,
            usage=read_usage(payload.get("metrics") or payload.get("usage")),
            created_at=read_time(payload.get("created_at")),
            from_history=payload.get("from_history") is True,
        )

    def redacted(self, payload: Any) -> Any:
        calls = [_redacted_call(call) for call in payload.get("tool_calls") or []]
        shown = {**kept(payload, _SKELETON), "content": HIDDEN if payload.get("content") or not calls else None}
        if calls:
            shown["tool_calls"] = calls
        if isinstance(call := payload.get("function_call"), dict):
            shown["function_call"] = {**kept(call, ("name",)), "arguments": "{}"}
        counts = {key: payload[key] for key in _COUNTS if isinstance(payload.get(key), dict)}
        return shown | {key: _numbers(value) for key, value in counts.items()}

    def with_text(self, payload: Any, text: str) -> Any:
        return {**payload, "content": content_with_text(payload.get("content"), text)}

    def with_role(self, payload: Any, role: str) -> Any:
        return {**payload, "role": role}


def kept(values: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Those of ``keys`` that have a plain value: lists and objects could hold words, and so could a bad time."""
    found = {key: values[key] for key in keys if key in values and not isinstance(values[key], dict | list)}
    return {key: value for key, value in found.items() if key != "created_at" or read_time(value)}


def content_with_text(content: Any, text: str) -> Any:
    """A content that says ``text``: in the place of its first text part where it is a list; other media stay."""
    if not isinstance(content, list):
        return text
    places = [index for index, part in enumerate(content) if _content_part(part)["type"] == "text"]
    if not places:
        return [*content, {"type": "text", "text": text}]
    first = content[places[0]]
    plain = isinstance(first, str) or not isinstance(first.get("text"), str)
    said = {"type": "text", "text": text} if plain else {**first, "text": text}
    return [said if index == places[0] else part for index, part in enumerate(content) if index not in places[1:]]


def _redacted_call(call: dict[str, Any]) -> dict[str, Any]:
    shown = kept(call, ("id", "type"))
    if isinstance(function := call.get("function"), dict):
        return {**shown, "function": {**kept(function, ("name",)), "arguments": "{}"}}
    return {**shown, **kept(call, ("name",)), "arguments": "{}"}


def _numbers(counts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in counts.items() if type(value) in {int, float}}


def read_content(content: Any) -> list[Part]:
    """Parts of a content: text, a list of OpenAI content parts, or any other value, which is shown as JSON."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "content": content}]
    if isinstance(content, list):
        return [_content_part(item) for item in content]
    return [{"type": "text", "content": json.dumps(content, ensure_ascii=False, indent=2)}]


def parse_arguments(arguments: Any) -> Any:
    """The value of a tool call's arguments, which OpenAI sends as JSON text."""
    if not isinstance(arguments, str):
        return arguments
    return jsontext.loads_or(arguments, arguments) if arguments else {}


def _content_part(item: Any) -> Part:
    if isinstance(item, str):
        return {"type": "text", "content": item}
    if not isinstance(item, dict):
        return {"type": "text", "content": json.dumps(item)}
    kind = item.get("type")
    if not isinstance(kind, str) or not kind:
        return {**item, "type": "unknown"}
    if kind in {"text", "input_text", "output_text"}:
        return {"type": "text", "content": _text(item.get("text"))}
    if kind == "refusal":
        return {"type": "text", "content": _text(item.get("refusal"))}
    if kind == "image_url":
        image = item.get("image_url")
        return _uri(_text(image.get("url") if isinstance(image, dict) else image), "image")
    if kind == "input_image":
        return _uri(_text(item.get("image_url")), "image") if item.get("image_url") else _file(item, "image")
    if kind == "input_audio" and isinstance(audio := item.get("input_audio"), dict):
        mime = f"audio/{_text(audio.get('format')) or 'wav'}"
        return {"type": "blob", "modality": "audio", "mime_type": mime, "content": _text(audio.get("data"))}
    if kind in {"file", "input_file"}:
        inner = item.get("file")
        return _file(inner if isinstance(inner, dict) else item, "document")
    return foreign_part(item, kind)


def _reasoning(text: str) -> Part:
    return {"type": "reasoning", "content": text}


def _tool_call(call: dict[str, Any]) -> Part:
    function = call.get("function")
    inner = function if isinstance(function, dict) else call
    arguments = parse_arguments(inner.get("arguments"))
    return {"type": "tool_call", "id": _text(call.get("id")), "name": _text(inner.get("name")), "arguments": arguments}


def _tool_response(content: Any, call_id: str, name: str) -> Part:
    parts = read_content(content) if isinstance(content, list) else []
    is_text = bool(parts) and all(part["type"] == "text" for part in parts)
    response = "\n".join(part["content"] for part in parts) if is_text else content
    return {"type": "tool_call_response", "id": call_id, **({"name": name} if name else {}), "response": response}


def _media(item: Any, modality: str) -> Part:
    if isinstance(item, str):
        return _uri(item, modality)
    if not isinstance(item, dict):
        return {"type": "unknown", "content": item}
    mime = {"mime_type": item["mime_type"]} if isinstance(item.get("mime_type"), str) else {}
    if isinstance(item.get("url"), str):
        return {"type": "uri", "modality": modality, **mime, "uri": item["url"]}
    if isinstance(item.get("content"), str):
        return {"type": "blob", "modality": modality, **mime, "content": item["content"]}
    return {**_file(item, modality), **mime}


def _uri(uri: str, modality: str) -> Part:
    head, comma, data = uri.partition(";base64,")
    if comma and head.startswith("data:"):
        return {"type": "blob", "modality": modality, "mime_type": head.removeprefix("data:"), "content": data}
    return {"type": "uri", "modality": modality, "uri": uri}


def _file(item: dict[str, Any], modality: str) -> Part:
    if isinstance(url := item.get("file_url"), str):
        return _uri(url, modality)
    if isinstance(data := item.get("file_data"), str):
        return _uri(data, modality)
    name = {"filename": item["filename"]} if isinstance(item.get("filename"), str) else {}
    return {"type": "file", "modality": modality, "file_id": _text(item.get("file_id") or item.get("id")), **name}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)


def render(message: CanonicalMessage) -> dict[str, Any]:
    """A message of any format as a chat completion message."""
    rendered: dict[str, Any] = {"role": message.role}
    answers = [part for part in message.parts if part["type"] == "tool_call_response"]
    calls = [part for part in message.parts if part["type"] == "tool_call"]
    if calls:
        rendered["tool_calls"] = [_render_call(call) for call in calls]
    if answers:
        rendered["content"] = _json_text(answers[0].get("response"))
        return rendered | {"tool_call_id": message.tool_call_id} | ({"name": message.name} if message.name else {})
    shown = [part for part in message.parts if part["type"] not in {"tool_call", "reasoning"}]
    only_text = all(part["type"] == "text" for part in shown)
    rendered["content"] = message.text or None if only_text else [_render_part(part) for part in shown]
    if reasoning := [part["content"] for part in message.parts if part["type"] == "reasoning" and part.get("content")]:
        rendered["reasoning_content"] = "\n".join(reasoning)
    return rendered | ({"name": message.name} if message.name and not calls else {})


def _render_call(call: Part) -> dict[str, Any]:
    function = {"name": call["name"], "arguments": _json_text(call.get("arguments"))}
    return {"id": call["id"], "type": "function", "function": function}


def _render_part(part: Part) -> dict[str, Any]:
    kind, modality = part["type"], part.get("modality")
    if kind == "text":
        return {"type": "text", "text": part["content"]}
    if kind in {"uri", "blob"} and modality == "image":
        url = part["uri"] if kind == "uri" else f"data:{part.get('mime_type', 'image/png')};base64,{part['content']}"
        return {"type": "image_url", "image_url": {"url": url}}
    if kind == "blob" and modality == "audio":
        audio_format = str(part.get("mime_type", "audio/wav")).removeprefix("audio/")
        return {"type": "input_audio", "input_audio": {"data": part["content"], "format": audio_format}}
    if kind == "file":
        return {"type": "file", "file": {key: part[key] for key in ("file_id", "filename") if part.get(key)}}
    return part


def _json_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
