"""Plain text that every database can keep."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_noop as _

from sessions_app.exceptions import InvalidValue

MAX_IDENTIFIER_LENGTH = 255
MAX_TITLE_LENGTH = 60


def check_identifier(value: str, name: str, max_length: int = MAX_IDENTIFIER_LENGTH) -> str:
    """``value`` where it can name something, else InvalidValue at ``name``."""
    if not value:
        raise InvalidValue(_("Must not be empty"), location=(name,), code="string_too_short")
    _check_length(value, name, max_length)
    if not is_storable(value) or has_control_characters(value):
        raise InvalidValue(_("Control characters are not allowed here"), location=(name,), code="control_character")
    return value


def has_control_characters(value: str) -> bool:
    if value.isprintable():  # As nearly all are: saves looking at each character in Python.
        return False
    return any(ord(character) < 32 or 127 <= ord(character) < 160 for character in value)


def check_text(value: str, name: str, max_length: int | None = None) -> str:
    """``value`` where every database can keep it as it is, else InvalidValue at ``name``."""
    if not is_storable(value):
        raise InvalidValue(_("Null characters and lone surrogates are not allowed here"), location=(name,))
    if max_length is not None:
        _check_length(value, name, max_length)
    return value


def check_choice(value: str, name: str, choices: Collection[str]) -> str:
    """``value`` where it is one of ``choices``, else InvalidValue at ``name``."""
    if value not in choices:
        params = {"choices": ", ".join(choices)}
        raise InvalidValue(_("Must be one of: %(choices)s"), params=params, location=(name,), code="enum")
    return value


def is_storable(value: str) -> bool:
    """Whether a text column can hold ``value``: a look-up of anything else finds nothing."""
    return storable(value) == value


def storable(text: str) -> str:
    """``text`` with the characters that PostgreSQL refuses (NUL, lone surrogates) replaced."""
    cleaned = text.replace("\x00", "\ufffd")
    return cleaned if cleaned.isascii() else cleaned.encode("utf-8", "replace").decode()


def shorten(text: str) -> str:
    """A title: white space collapsed, at most 60 characters, "..." behind it where it was cut."""
    collapsed = " ".join(text.split())
    return collapsed if len(collapsed) <= MAX_TITLE_LENGTH else f"{collapsed[:MAX_TITLE_LENGTH]}..."


def as_text(value: Any, *, indent: int | None = None) -> str:
    """A JSON value for people: text as it is, the rest as JSON with non-ASCII escaped."""
    return value if isinstance(value, str) else json.dumps(value, indent=indent)


def _check_length(value: str, name: str, max_length: int) -> None:
    if len(value) > max_length:
        message = _("String should have at most %(limit)d characters")
        raise InvalidValue(message, params={"limit": max_length}, location=(name,), code="string_too_long")
