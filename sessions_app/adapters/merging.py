"""What one of several writers changed, done to what the others have written meanwhile."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

MISSING: Any = object()
"""In the place of a value whose key is not there."""


def merge(base: Any, mine: Any, theirs: Any, *, counters: Collection[str] = (), counts: bool = False) -> Any:
    """``theirs`` with what ``mine`` changed since ``base``: JSON values, objects key by key.

    Under the keys in ``counters`` numbers count something: what ``mine`` added to them is added, too. Of any other
    value that both have changed, ``mine`` is the newer one.
    """
    if is_same(base, mine):
        return theirs
    if is_same(base, theirs):
        return mine
    if isinstance(mine, dict) and isinstance(theirs, dict):
        before = base if isinstance(base, dict) else {}
        return _merge_objects(before, mine, theirs, counters, counts)
    if counts and _are_counts(base, mine, theirs):
        return theirs + mine - (0 if base is MISSING else base)
    if counts and all(_is_table(value) for value in (mine, theirs)):
        before = _by_kind(base if _is_table(base) else [])
        return list(_merge_objects(before, _by_kind(mine), _by_kind(theirs), counters, counts).values())
    return mine


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, also in that 1, 1.0 and true are three."""
    if one is MISSING or other is MISSING:
        return one is other
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _merge_objects(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], counters: Collection[str], counts: bool
) -> dict[str, Any]:
    merged = {}
    for key in dict.fromkeys([*theirs, *mine]):
        three = (value.get(key, MISSING) for value in (base, mine, theirs))
        value = merge(*three, counters=counters, counts=counts or key in counters)
        if value is not MISSING:
            merged[key] = value
    return merged


def _are_counts(base: Any, mine: Any, theirs: Any) -> bool:
    return _is_number(mine) and _is_number(theirs) and (base is MISSING or _is_number(base))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _by_kind(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows of counts by what they count: all in them that is no number."""
    kinds = ({key: value for key, value in row.items() if not _is_number(value)} for row in rows)
    return {json.dumps(kind, sort_keys=True): row for kind, row in zip(kinds, rows, strict=True)}
