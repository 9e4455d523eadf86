"""Query parameters, read as AgentOS' framework reads them: text into values, all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import QueryDict

from sessions_app import conf
from sessions_app.dialects.agno.errors import TYPES, enum_error
from sessions_app.dialects.problems import FieldError
from sessions_app.text import is_storable

MAX_INTEGER = 2**63 - 1
MAX_DIGITS = 4300
_WHOLE = re.compile(r"\s*[+-]?\d+(_\d+)*(\.0*)?\s*", re.ASCII)
_TRUE = {"1", "on", "t", "true", "y", "yes"}
_FALSE = {"0", "off", "f", "false", "n", "no"}

Errors = list[FieldError]
Reader = Callable[[str, str, Errors], Any]


def read(query: QueryDict, readers: Mapping[str, Reader]) -> tuple[dict[str, Any], Errors]:
    """The values of the parameters that were sent, in the order of ``readers``, and what is wrong with them."""
    values: dict[str, Any] = {}
    errors: Errors = []
    for name, reader in readers.items():
        sent = query.get(name) if name in query else None  # To get what is not there raises, and catches, an error.
        if sent is not None:
            values[name] = reader(name, sent, errors)
    return values, errors


def text(name: str, sent: str, errors: Errors) -> str:
    if not is_storable(sent):
        errors.append(_error(name, sent, "value_error", "Null characters are not allowed here"))
    return sent


def session_type(name: str, sent: str, errors: Errors) -> str:
    if sent not in TYPES:
        errors.append(enum_error(("query", name), sent))
    return sent


def sort_order(name: str, sent: str, errors: Errors) -> str:
    if sent not in {"asc", "desc"}:
        errors.append(enum_error(("query", name), sent, "'asc' or 'desc'"))
    return sent


def integer(least: int = -MAX_INTEGER - 1, most: int = MAX_INTEGER) -> Reader:
    """A reader of whole numbers; ``5.0``, ``+5`` and ``05`` are some."""

    def reader(name: str, sent: str, errors: Errors) -> int:
        if not _WHOLE.fullmatch(sent):
            message = "Input should be a valid integer, unable to parse string as an integer"
            errors.append(_error(name, sent, "int_parsing", message))
            return 0
        if len(sent) > MAX_DIGITS:
            message = "Unable to parse input string as an integer, exceeded maximum size"
            errors.append(_error(name, sent, "int_parsing_size", message))
            return 0
        value = int(sent.partition(".")[0])
        if value < least:
            message = f"Input should be greater than or equal to {least}"
            errors.append(_error(name, sent, "greater_than_equal", message, {"ge": least}))
        elif value > most:
            message = f"Input should be less than or equal to {most}"
            errors.append(_error(name, sent, "less_than_equal", message, {"le": most}))
        return value

    return reader


def limit(name: str, sent: str, errors: Errors) -> int:
    value: int = integer(1, conf.get("MAX_PAGE_SIZE"))(name, sent, errors)
    return value


def boolean(name: str, sent: str, errors: Errors) -> bool:
    lower = sent.lower()
    if lower not in _TRUE | _FALSE:
        message = "Input should be a valid boolean, unable to interpret input"
        errors.append(_error(name, sent, "bool_parsing", message))
    return lower in _TRUE


def _error(name: str, sent: str, type: str, message: str, ctx: dict[str, Any] | None = None) -> FieldError:
    extra: dict[str, Any] = {"input": sent} if ctx is None else {"input": sent, "ctx": ctx}
    return FieldError(("query", name), message, type, extra)


DATABASE: dict[str, Reader] = {"db_id": text, "table": text}
SESSION: dict[str, Reader] = {"type": session_type, "user_id": text, **DATABASE}
CREATE: dict[str, Reader] = {"type": session_type, "db_id": text}
DELETE: dict[str, Reader] = {"user_id": text, **DATABASE, "delete_media": boolean}
RUNS: dict[str, Reader] = {
    "type": session_type,
    "user_id": text,
    "created_after": integer(),
    "created_before": integer(),
    **DATABASE,
}
SESSIONS: dict[str, Reader] = {
    "type": session_type,
    "component_id": text,
    "user_id": text,
    "session_name": text,
    "limit": limit,
    "page": integer(0),
    "sort_by": text,
    "sort_order": sort_order,
    **DATABASE,
}
