"""How many rows a list has, without counting a full store again for every page."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from sessions_app import conf
from sessions_app.remembered import Remembered

EXACT = 1000
"""Up to so many rows are counted anew each time."""
_totals: Remembered[int] = Remembered(size=10_000)


def total(count: Callable[[], int], *, named: Hashable) -> int:
    """What ``count()`` gives. A large one is remembered by name for ``COUNT_MEMORY_SECONDS``, and may lag behind."""
    remembered = _totals.get(named)
    if remembered is not None:
        return remembered
    counted = count()
    if counted > EXACT and (seconds := conf.get("COUNT_MEMORY_SECONDS")):
        _totals.keep(named, counted, seconds)
    return counted


def forget() -> None:
    """Count everything anew."""
    _totals.clear()
