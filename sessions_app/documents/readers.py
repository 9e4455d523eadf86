"""Strict readers of JSON values: each gives the value as Python wants it, or raises InvalidValue."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sessions_app import formats
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import read_time
from sessions_app.text import MAX_IDENTIFIER_LENGTH, has_control_characters, storable

Reader = Callable[[Any], Any]


def read_object(value: Any, readers: Mapping[str, Reader], *, required: Collection[str] = ()) -> dict[str, Any]:
    """The read values of a JSON object by key. Null means left out; a key without a reader is an error."""
    if not isinstance(value, dict):
        raise InvalidValue("Must be an object", code="dict_type")
    if not value.keys() <= readers.keys():
        unknown = next(key for key in value if key not in readers)
        raise InvalidValue("Unknown key", location=(unknown,), code="extra_forbidden")
    for key in required:
        if value.get(key) is None:
            raise InvalidValue("Field required", location=(key,), code="missing")
    found = {}
    for key, reader in readers.items():
        if (given := value.get(key)) is not None:
            found[key] = read_at(reader, given, key)
    return found


def read_at(reader: Reader, value: Any, *location: str | int) -> Any:
    """What ``reader`` makes of ``value``; its errors say that the value lies at ``location``."""
    try:
        return reader(value)
    except InvalidValue as error:
        raise error.within(*location) from error


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidValue("Must be text", code="string_type")
    if storable(value) != value:
        raise InvalidValue("Null characters and lone surrogates are not allowed here", code="string_type")
    return value


def short_text(value: Any) -> str:
    """Text that fits into a column of 255 characters; empty text is text."""
    if len(text(value)) > MAX_IDENTIFIER_LENGTH:
        raise InvalidValue(f"Must have at most {MAX_IDENTIFIER_LENGTH} characters", code="string_too_long")
    return str(value)


def identifier(value: Any) -> str:
    if not short_text(value):
        raise InvalidValue("Must not be empty", code="string_too_short")
    if has_control_characters(value):
        raise InvalidValue("Control characters are not allowed here", code="control_character")
    return str(value)


def short_identifier(limit: int) -> Reader:
    def read(value: Any) -> str:
        if len(identifier(value)) > limit:
            raise InvalidValue(f"Must have at most {limit} characters", code="string_too_long")
        return str(value)

    return read


def choice(choices: Collection[str]) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise InvalidValue(f"Must be one of {', '.join(choices)}", code="enum")
        return value

    return read


def count(limit: int) -> Reader:
    """A whole number from 0 to ``limit``."""

    def read(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= limit:
            raise InvalidValue(f"Must be a whole number from 0 to {limit}", code="int_type")
        return value

    return read


def duration(value: Any) -> float:
    try:
        number = float(value) if type(value) in {int, float} else -1.0
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise InvalidValue("Must be a finite number, 0 or above", code="float_type")
    return number


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue("Must be true or false", code="bool_type")
    return value


def moment(value: Any) -> datetime:
    """ISO 8601 (without an offset it is UTC) or epoch seconds."""
    found = read_time(value)
    if found is None:
        raise InvalidValue("Must be a moment in ISO 8601 or in epoch seconds", code="datetime_type")
    return found


def message_format(value: Any) -> str:
    name = text(value)
    try:
        formats.get(name)
    except InvalidValue as error:
        raise error.at() from error
    return name


def json_value(value: Any) -> Any:
    return value


def json_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidValue("Must be an object", code="dict_type")
    return value


def list_as_it_is(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidValue("Must be a list", code="list_type")
    return value


def list_of(reader: Reader) -> Reader:
    def read(value: Any) -> list[Any]:
        return [read_at(reader, item, index) for index, item in enumerate(list_as_it_is(value))]

    return read


def object_of(readers: Mapping[str, Reader]) -> Reader:
    return lambda value: read_object(value, readers)
