"""Pages that stay put while rows come in: each starts after a row, not after a number of rows.

Django REST framework's CursorPagination compares one column and counts through equal values, at most 1,000 of them;
thousands of sessions have the same number of tokens. This one compares (column, id), so equal values cost nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

from sessions_app.exceptions import InvalidValue
from sessions_app.text import is_storable

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and the tokens of the pages beside them (None: there is none)."""

    items: list[Row]
    next: str | None
    previous: str | None


def page(queryset: QuerySet[Row], *, order: str, size: int, token: str | None = None) -> Page[Row]:
    """A page of at most ``size`` rows of ``queryset``, ordered by the column ``order`` ("-" before it: downwards).

    Rows that are equal in it are ordered by primary key, in the same direction. Raises InvalidValue for a token that
    this function did not make for this order.
    """
    column, downwards = order.removeprefix("-"), order.startswith("-")
    backwards, start = False, None
    if token:
        backwards, start = _decode(token, order, queryset.model)
    if start is not None:
        queryset = queryset.filter(_beyond(column, start, less=downwards != backwards))
    sign = "-" if downwards != backwards else ""
    rows = list(queryset.order_by(f"{sign}{column}", f"{sign}pk")[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    following = has_more or backwards
    preceding = has_more if backwards else start is not None
    return Page(
        rows,
        next=_encode(order, rows[-1], backwards=False) if following else None,
        previous=_encode(order, rows[0], backwards=True) if preceding else None,
    )


def _beyond(column: str, start: tuple[Any, Any], *, less: bool) -> Q:
    value, pk = start
    strictly = "lt" if less else "gt"
    # The first condition says nothing new, but lets the database start in its index.
    return Q(**{f"{column}__{strictly}e": value}) & (
        Q(**{f"{column}__{strictly}": value}) | Q(**{f"pk__{strictly}": pk})
    )


def _encode(order: str, row: Model, *, backwards: bool) -> str:
    value = getattr(row, order.removeprefix("-"))
    if isinstance(value, datetime):
        value = value.isoformat()
    text = json.dumps([order, int(backwards), value, row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(token: str, order: str, model: type[Model]) -> tuple[bool, tuple[Any, Any]]:
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        token_order, backwards, value, pk = json.loads(base64.urlsafe_b64decode(padded))
        if token_order != order or not isinstance(pk, int) or not -(2**63) <= pk < 2**63:
            raise ValueError
        column: Field[Any, Any] = model._meta.get_field(order.removeprefix("-"))  # type: ignore[assignment]
        value = column.to_python(value)
        if value is None or (isinstance(value, int) and not -(2**63) <= value < 2**63):
            raise ValueError
        if isinstance(value, datetime):
            value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, str) and not is_storable(value):
            raise ValueError
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError) as error:
        raise InvalidValue("Not a cursor of this list", code="invalid_cursor") from error
    return bool(backwards), (value, pk)
