"""How many rows a long list has, and where in it they are, without counting a full store again for every page."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Hashable
from typing import Any

from sessions_app import conf
from sessions_app.remembered import Remembered

EXACT = 1000
"""Up to so many rows are counted anew each time."""


class Places:
    """Rows that were met in a list, each by how many are before it."""

    def __init__(self) -> None:
        self._places: list[int] = []
        self._rows: dict[int, Any] = {}

    def before(self, place: int) -> tuple[int, Any]:
        """The nearest place up to ``place``, and its row; the list's start, and None, where no row was met there."""
        following = bisect_right(self._places, place)
        nearest = self._places[following - 1] if following else 0
        return nearest, self._rows.get(nearest)

    def add(self, place: int, row: Any) -> None:
        if place not in self._rows:
            self._rows[place] = row
            insort(self._places, place)


_totals: Remembered[int] = Remembered(size=10_000)
_places: Remembered[Places] = Remembered(size=1000)


def total(count: Callable[[], int], *, named: Hashable) -> int:
    """What ``count()`` gives. A large one is remembered by name for ``COUNT_MEMORY_SECONDS``, and may lag behind."""
    remembered = _totals.get(named)
    if remembered is not None:
        return remembered
    counted = count()
    if counted > EXACT and (seconds := conf.get("COUNT_MEMORY_SECONDS")):
        _totals.keep(named, counted, seconds)
    return counted


def is_known(*, named: Hashable) -> bool:
    """Whether a total of that name is remembered."""
    return _totals.get(named) is not None


def places(*, named: Hashable) -> Places:
    """The rows that were met in a list in the last ``COUNT_MEMORY_SECONDS``, to walk to a page from the nearest."""
    known = _places.get(named)
    if known is None:
        known = Places()
        if seconds := conf.get("COUNT_MEMORY_SECONDS"):
            _places.keep(named, known, seconds)
    return known


def forget() -> None:
    """Count everything anew."""
    _totals.clear()
    _places.clear()
