"""What a run may say of itself: checked, and set on its row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.utils.translation import gettext_noop as _

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, Message, RunMetadata
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS, TOKEN_FIELDS, TOTALS, complete_usage
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_choice, check_text

_STATUSES = tuple(RunMetadata.Status.values)
MAX_TURNS = 2**31 - 1
MAX_POSITION = 2**40


class RunFields(TypedDict, total=False):
    """What a run may say of itself. ``usage`` holds some of the nine token counts; the rest follow from it."""

    parent_run_id: str | None
    agent: Agent | None
    user_id: str | None
    status: str
    input: Any
    content: Any
    model_provider: str
    model_id: str
    usage: Mapping[str, int] | None
    duration_ms: float | None
    turns: int
    is_error: bool
    error: str | None
    export_config_ids: list[str] | None
    details: Any
    created_at: datetime
    updated_at: datetime


def set_fields(run: RunMetadata, fields: RunFields) -> None:
    """Set what a run says of itself. Raises InvalidValue."""
    for column, check in _CHECKS.items():
        if fields.get(column) is not None:
            check(fields[column], column)  # type: ignore[literal-required]
    for column, value in fields.items():
        setattr(run, column, value)
    if "is_error" not in fields and "status" in fields:
        run.is_error = run.status == RunMetadata.Status.ERROR


def _check_json(value: Any, column: str) -> None:
    try:
        jsontext.filterable(value) if column == "export_config_ids" else jsontext.dumps(value)
    except InvalidValue as error:
        raise error.within(column) from error


def _check_id(value: str, column: str) -> None:
    check_text(value, column, MAX_IDENTIFIER_LENGTH)


def _check_status(value: str, column: str) -> None:
    check_choice(value, column, _STATUSES)


def _check_duration(value: float, column: str) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise InvalidValue(_("Must be a finite number, 0 or above"), location=(column,), code="finite_number")


def _check_turns(value: int, column: str) -> None:
    check_count(value, column, MAX_TURNS)


def check_count(value: int, column: str, limit: int) -> None:
    if type(value) is not int or not 0 <= value <= limit:
        message = _("Must be a whole number from 0 to %(limit)d")
        raise InvalidValue(message, params={"limit": limit}, location=(column,), code="int_range")


_CHECKS: dict[str, Callable[[Any, str], object]] = {
    "input": _check_json,
    "content": _check_json,
    "details": _check_json,
    "export_config_ids": _check_json,
    "user_id": _check_id,
    "parent_run_id": _check_id,
    "model_provider": _check_id,
    "model_id": _check_id,
    "error": check_text,
    "status": _check_status,
    "duration_ms": _check_duration,
    "turns": _check_turns,
}


def set_usage(run: RunMetadata, usage: Mapping[str, int]) -> None:
    """Set all nine token counts; totals that are not given are added up. Raises InvalidValue at ``("usage", name)``."""
    _check_usage(usage)
    counts = complete_usage(usage)
    _check_usage(counts)
    for name, value in counts.items():
        setattr(run, name, value)


def _check_usage(counts: Mapping[str, int]) -> None:
    for name in TOKEN_FIELDS:
        try:
            check_count(counts.get(name, 0), name, MAX_TOKENS)
        except InvalidValue as error:
            raise error.within("usage") from error


def outdated_totals(usage: Mapping[str, int]) -> dict[str, int]:
    """Zeros for the totals whose summands ``usage`` changes, so that they are added up anew."""
    return {total: 0 for total, parts in TOTALS.items() if not usage.keys().isdisjoint(parts)}


def usage_of(rows: Sequence[Message]) -> dict[str, int]:
    """What messages cost that were really said."""
    said = [row for row in rows if not row.from_history]
    return {name: sum(getattr(row, name) for row in said) for name in MESSAGE_TOKEN_FIELDS}
