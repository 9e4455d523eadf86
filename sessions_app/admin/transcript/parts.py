"""The parts of a message, each ready for its template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sessions_app.admin import numbers
from sessions_app.admin.transcript import markdown, media
from sessions_app.admin.transcript.links import Action, Links
from sessions_app.admin.transcript.text import SHOWN, Body, code, json_body, one_line, plain_body, value_body
from sessions_app.formats import Part

TEMPLATES = "admin/sessions_app/transcript/parts/"


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody said, or thought (``is_reasoning``)."""

    template: ClassVar[str] = TEMPLATES + "text.html"
    html: SafeString
    left: int
    url: str
    is_reasoning: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """Text, or JSON, as it is."""

    template: ClassVar[str] = TEMPLATES + "plain.html"
    body: Body
    label: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answered. ``position`` is that of the message that says so."""

    template: ClassVar[str] = TEMPLATES + "result.html"
    body: Body
    name: str
    call_id: str
    pk: int
    position: int
    is_failed: bool = False
    actions: list[Action] = field(default_factory=list)


@dataclass(slots=True)
class ToolCall:
    """A call of a tool; the answers join it as they are met."""

    template: ClassVar[str] = TEMPLATES + "tool_call.html"
    name: str
    call_id: str
    arguments: Body
    brief: str
    results: list[Result] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        return any(result.is_failed for result in self.results)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture from the message itself."""

    template: ClassVar[str] = TEMPLATES + "picture.html"
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Remote:
    """Something elsewhere: linked where that is safe; a picture (``host``) can be fetched on a click."""

    template: ClassVar[str] = TEMPLATES + "remote.html"
    label: str
    text: str
    url: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file: its name or id, and where its bytes are if they lie in the message."""

    template: ClassVar[str] = TEMPLATES + "file.html"
    label: str
    text: str
    url: str = ""


Shown = Text | Plain | Result | ToolCall | Picture | Remote | File


def show(part: Part, index: int, message: Any, links: Links) -> Shown:
    """A part of a message as its template wants it."""
    kind, url = part["type"], links.text(message.pk, index)
    if kind == "text" and message.role in {"system", "developer"}:
        return Plain(plain_body(part["content"], url))
    if kind in {"text", "reasoning"}:
        return show_text(part["content"], url, is_reasoning=kind == "reasoning")
    if kind == "tool_call":
        arguments = value_body(part["arguments"], url)
        return ToolCall(code(part["name"]), code(part["id"]), arguments, one_line(part["arguments"]))
    if kind == "tool_call_response":
        return _result(part, url, message, links)
    if kind in _MEDIA:
        return _MEDIA[kind](part, index, message, links)
    return Plain(json_body(part, url), label=code(str(kind)))


def show_text(content: str, url: str, *, is_reasoning: bool = False) -> Text:
    """Markdown, as far as a page holds it."""
    return Text(markdown.to_html(content[:SHOWN]), max(0, len(content) - SHOWN), url, is_reasoning)


def _result(part: Part, url: str, message: Any, links: Links) -> Result:
    return Result(
        body=value_body(part.get("response"), url),
        name=code(part.get("name", "")),
        call_id=code(part["id"]),
        pk=message.pk,
        position=message.position,
        is_failed=_is_failed(message.payload),
        actions=links.message_actions(message),
    )


def _is_failed(payload: Any) -> bool:
    """Whether a tool's answer says of itself that it is an error, in the words of those who write so."""
    return any(payload.get(key) is True for key in ("tool_call_error", "is_error")) or payload.get("status") == "failed"


def _blob(part: Part, index: int, message: Any, links: Links) -> Shown:
    url = links.media(message.pk, index)
    if media.is_raster(part["content"]):
        return Picture(url, _("Picture in message %(position)d") % {"position": message.position})
    size = len(part["content"]) * 3 // 4
    kind = part.get("mime_type") or part["modality"]
    told = _("%(kind)s, %(size)s bytes") % {"kind": kind, "size": numbers.whole(size)}
    return File(_modality(part), code(told[:200]), url)


def _uri(part: Part, index: int, message: Any, links: Links) -> Shown:
    uri = part["uri"]
    if not markdown.is_safe_link(uri):
        return Remote(_modality(part), one_line(uri, 200))
    is_picture = part["modality"] == "image" and not uri.lower().startswith("mailto:")
    return Remote(_modality(part), one_line(uri, 200), uri, code(_host(uri)) if is_picture else "")


def _file(part: Part, index: int, message: Any, links: Links) -> Shown:
    name, file_id = part.get("filename"), part["file_id"]
    known = [str(text) for text in (name, file_id) if text]
    return File(_modality(part), one_line(" · ".join(known) or _("without a name"), 200))


_MEDIA = {"blob": _blob, "uri": _uri, "file": _file}


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).hostname or ""
    except ValueError:
        return ""


def _modality(part: Part) -> str:
    names = {"image": _("Picture"), "audio": _("Audio"), "video": _("Video"), "document": _("File")}
    return names.get(part["modality"], _("File"))
