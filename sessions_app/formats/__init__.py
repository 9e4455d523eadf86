"""Native message formats, each read into one canonical message.

A format is known by its name (``Message.format``). A site adds one with ``AGENT_SESSIONS["MESSAGE_FORMATS"]``.
"""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from sessions_app import conf
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.any_json import AnyJSON
from sessions_app.formats.canonical import CanonicalMessage, MessageFormat, Part, Usage
from sessions_app.formats.openai_chat import OpenAIChat
from sessions_app.formats.openai_responses import OpenAIResponses
from sessions_app.formats.otel_genai import OTelGenAI

__all__ = ["DEFAULT", "CanonicalMessage", "MessageFormat", "Part", "Usage", "get", "names", "read"]

DEFAULT = OpenAIChat.name
_BUILT_IN: dict[str, MessageFormat] = {
    each.name: each for each in (OpenAIChat(), OpenAIResponses(), OTelGenAI(), AnyJSON())
}


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
    message = _("Unknown message format. Known are: %(formats)s")
    raise InvalidValue(message, params={"formats": ", ".join(names())}, location=("format",), code="enum")


def read(payload: Any, format: str) -> CanonicalMessage:
    """The canonical reading of a stored payload. Never fails for a payload that ``check`` let in."""
    return get(format).read(payload)


def redacted(payload: Any, format: str) -> Any:
    """A payload without its words. Raises InvalidValue for a format that cannot do that."""
    return _ability(format, "redacted")(payload)


def with_text(payload: Any, format: str, text: str) -> Any:
    """A payload with another text. Raises InvalidValue."""
    return _ability(format, "with_text")(payload, text)


def with_role(payload: Any, format: str, role: str) -> Any:
    """A payload in another role. Raises InvalidValue."""
    return _ability(format, "with_role")(payload, role)


def _ability(name: str, method: str) -> Any:
    # A site's own format may be older than the method.
    found = getattr(get(name), method, None)
    if found is None:
        message = _("Messages in the format %(format)s cannot be changed in this way")
        raise InvalidValue(message, params={"format": name}, location=("format",))
    return found
