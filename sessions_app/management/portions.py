"""Long series in pieces that are worth a transaction, and small enough for memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def in_portions(items: Iterable[tuple[Item, float]]) -> Iterator[list[Item]]:
    """Lists of items, each of which comes with the part of a portion that it fills.

    Where the series breaks off, with an error or by hand, what came before it comes first.
    """
    portion: list[Item] = []
    filled = 0.0
    try:
        for item, part in items:
            portion.append(item)
            filled += part
            if filled >= 1:
                yield portion
                portion, filled = [], 0.0
    except (Exception, KeyboardInterrupt):
        if portion:
            yield portion
        raise
    if portion:
        yield portion
