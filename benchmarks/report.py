"""The table: a line for each figure, with what it must reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("", "measured", "wanted", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio or a rate. ``wanted`` is a least one, or with ``at_most`` a greatest one."""

    name: str
    value: float
    wanted: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool:
        if self.wanted is None:
            return True
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    @property
    def cells(self) -> tuple[str, str, str, str]:
        if self.wanted is None:
            return self.name, _number(self.value), "", ""
        bound = f"{'at most' if self.at_most else 'at least'} {_number(self.wanted)}"
        return self.name, _number(self.value), bound, "pass" if self.reached else "falls short"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table in Markdown that is readable as it is."""
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"

    return "\n".join([line(HEAD), line(["-" * width for width in widths]), *map(line, rows[1:])])


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 2 else 3
    return f"{value:,.{digits}f}"
