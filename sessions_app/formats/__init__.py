"""Native message formats, each read into one canonical message.

A format is known by its name (``Message.format``). A site adds one with ``AGENT_SESSIONS["MESSAGE_FORMATS"]``.
"""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string

from sessions_app import conf
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import CanonicalMessage, MessageFormat, Part, Usage
from sessions_app.formats.openai_chat import OpenAIChat
from sessions_app.formats.openai_responses import OpenAIResponses

__all__ = ["DEFAULT", "CanonicalMessage", "MessageFormat", "Part", "Usage", "get", "names", "read"]

DEFAULT = OpenAIChat.name
_BUILT_IN: dict[str, MessageFormat] = {OpenAIChat.name: OpenAIChat(), OpenAIResponses.name: OpenAIResponses()}


def names() -> list[str]:
    """The formats that this site knows, the default first."""
    return [*_BUILT_IN, *conf.get("MESSAGE_FORMATS")]


def get(name: str) -> MessageFormat:
    """The format of this name. Raises InvalidValue."""
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    if path := conf.get("MESSAGE_FORMATS").get(name):
        added: MessageFormat = import_string(path)()
        return added
    raise InvalidValue(f"Unknown message format. Known are: {', '.join(names())}", location=("format",), code="enum")


def read(payload: Any, format: str) -> CanonicalMessage:
    """The canonical reading of a stored payload. Never fails for a payload that ``check`` let in."""
    return get(format).read(payload)
