"""Request bodies: parsed and checked as AgentOS' framework does, with its texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from sessions_app import jsontext
from sessions_app.dialects.agno.errors import TYPES, enum_error
from sessions_app.dialects.problems import FieldError, InvalidRequest, invalid
from sessions_app.dialects.wire import read_limited

ABSENT: Any = object()
"""What ``Body.value`` is where no body was sent."""

Errors = list[FieldError]
Check = Callable[[tuple[str | int, ...], Any, Errors], object]


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it was sent: a JSON value, the text of another content type, or ABSENT."""

    value: Any


class BodyParser(BaseParser):
    """Any content type; only JSON is parsed."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        raw = read_limited(stream)
        if not raw:
            return Body(ABSENT)
        kind = (media_type or "").partition(";")[0].strip().lower()
        if kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
            return Body(_loads(raw))
        return Body(raw.decode("utf-8", "replace"))


def _loads(raw: bytes) -> Any:
    try:
        value = jsontext.loads(raw)
    except json.JSONDecodeError as error:
        raise _json_invalid(error.pos, error.msg) from error
    except UnicodeDecodeError as error:
        raise ParseError("There was an error parsing the body") from error
    except RecursionError as error:
        raise ParseError(f"JSON is nested deeper than {jsontext.MAX_DEPTH} levels") from error
    except ValueError as error:  # NaN, Infinity, 1e400
        raise _json_invalid(0, str(error)) from error
    if jsontext.too_deep(value, raw):
        raise ParseError(f"JSON is nested deeper than {jsontext.MAX_DEPTH} levels")
    return value


def _json_invalid(position: int, message: str) -> InvalidRequest:
    return invalid(("body", position), "JSON decode error", "json_invalid", input={}, ctx={"error": message})


def text(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    if not isinstance(value, str):
        errors.append(_error(loc, value, "string_type", "Input should be a valid string"))


def dictionary(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    if not isinstance(value, dict):
        errors.append(_error(loc, value, "dict_type", "Input should be a valid dictionary"))


def types(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    for index, item in enumerate(_list(loc, value, errors)):
        if item not in TYPES:
            errors.append(enum_error((*loc, index), item))


def texts(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    for index, item in enumerate(_list(loc, value, errors)):
        text((*loc, index), item, errors)


def summary(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    """``{summary, topics?, updated_at?}`` and nothing else."""
    if not isinstance(value, dict):
        dictionary(loc, value, errors)
        return
    if "summary" not in value:
        errors.append(_error((*loc, "summary"), value, "missing", "Field required"))
    for key, item in value.items():
        if key == "summary":
            text((*loc, key), item, errors)
        elif key == "topics":
            if item is not None:
                texts((*loc, key), item, errors)
        elif key != "updated_at":
            errors.append(_error((*loc, key), item, "extra_forbidden", "Extra inputs are not permitted"))
        elif item is not None and _iso(item) is None:
            errors.append(_error((*loc, key), item, "datetime_parsing", "Input should be a valid datetime"))


CREATE: dict[str, Check] = {
    "session_id": text,
    "session_name": text,
    "session_state": dictionary,
    "metadata": dictionary,
    "user_id": text,
    "agent_id": text,
    "team_id": text,
    "workflow_id": text,
}
UPDATE: dict[str, Check] = {
    "session_name": text,
    "session_state": dictionary,
    "metadata": dictionary,
    "summary": summary,
}


def optional(body: Body, checks: Mapping[str, Check], errors: Errors) -> dict[str, Any]:
    """The given fields of a body that may be missing, as all of its fields may; null is not given."""
    return {} if body.value is ABSENT else _fields(body.value, checks, errors)


def mandatory(body: Body, checks: Mapping[str, Check], errors: Errors) -> dict[str, Any]:
    """The given fields of a body that must be there."""
    if body.value is ABSENT:
        errors.append(_error(("body",), None, "missing", "Field required"))
        return {}
    return _fields(body.value, checks, errors)


def bulk(body: Body, errors: Errors) -> dict[str, Any]:
    """``session_ids`` and ``session_types``, both there and not empty."""
    given = mandatory(body, {}, errors)
    if not isinstance(body.value, dict):
        return given
    for name, check in (("session_ids", texts), ("session_types", types)):
        if name not in body.value:
            errors.append(_error(("body", name), body.value, "missing", "Field required"))
        else:
            check(("body", name), body.value[name], errors)
            _not_empty(("body", name), body.value[name], errors)
    return dict(body.value)


def new_name(body: Body, errors: Errors) -> str:
    """The one field of a rename."""
    value = body.value.get("session_name", ABSENT) if isinstance(body.value, dict) else ABSENT
    if value is ABSENT:
        errors.append(_error(("body", "session_name"), None, "missing", "Field required"))
        return ""
    text(("body", "session_name"), value, errors)
    return value if isinstance(value, str) else ""


def stored_summary(value: dict[str, Any]) -> dict[str, Any]:
    """A checked summary as it is kept: without nulls, its moment as ISO 8601."""
    moment = _iso(value.get("updated_at"))
    kept = {**value, "updated_at": moment.isoformat() if moment else None}
    return {key: kept[key] for key in ("summary", "topics", "updated_at") if kept.get(key) is not None}


def _fields(value: Any, checks: Mapping[str, Check], errors: Errors) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = "Input should be a valid dictionary or object to extract fields from"
        errors.append(_error(("body",), value, "model_attributes_type", message))
        return {}
    given = {name: value[name] for name in checks if value.get(name) is not None}
    for name, item in given.items():
        checks[name](("body", name), item, errors)
    return given


def _list(loc: tuple[str | int, ...], value: Any, errors: Errors) -> list[Any]:
    if isinstance(value, list):
        return value
    errors.append(_error(loc, value, "list_type", "Input should be a valid list"))
    return []


def _not_empty(loc: tuple[str | int, ...], value: Any, errors: Errors) -> None:
    if value == []:
        ctx = {"field_type": "List", "min_length": 1, "actual_length": 0}
        message = "List should have at least 1 item after validation, not 0"
        errors.append(FieldError(loc, message, "too_short", {"input": value, "ctx": ctx}))


def _iso(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _error(loc: tuple[str | int, ...], value: Any, type: str, message: str) -> FieldError:
    return FieldError(loc, message, type, {"input": value})
