"""Bar charts as numbers: where each bar, line and label of an SVG goes.

Widths are parts of the drawing's own, heights are pixels: a chart fills any width, and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

TOP = 10
BASE = 144
"""Where the bars stand, in pixels from the top."""
GUTTER = 11.0
"""Room for the labels of the scale, in percent of the width."""
WIDEST_BAR = 7.0
SHORTEST_BAR = 2.0
DATES = 5


@dataclass(frozen=True, slots=True)
class Datum:
    """What a bar stands for; None is a day that has no such number."""

    value: float | None
    label: str
    """The day as the axis names it."""
    title: str
    """What a pointer on the bar reads."""
    url: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in its slot, which is as high as the chart, so that short bars are easy to hit."""

    slot_x: str
    slot_width: str
    x: str
    width: str
    y: str
    height: str
    datum: Datum


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis, and where it stands."""

    at: str
    label: str
    label_at: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    bars: list[Bar]
    scale: list[Mark]
    """The lines of the scale, from the bottom."""
    dates: list[Mark]


def draw(
    data: list[Datum], describe: Callable[[float], str], *, highest: float | None = None, finest: float = 0
) -> Chart:
    """A chart of ``data``; ``describe`` writes the numbers of the scale (see ``scale``)."""
    steps = scale(max((datum.value or 0 for datum in data), default=0), highest, finest)
    slot = (100 - GUTTER) / max(len(data), 1)
    width = min(slot * (0.8 if len(data) <= 120 else 1), WIDEST_BAR)
    return Chart(
        bars=[_bar(datum, GUTTER + slot * number, slot, width, steps[-1]) for number, datum in enumerate(data)],
        scale=[_line(step, steps[-1], describe(step)) for step in steps],
        dates=[
            Mark(_percent(GUTTER + slot * (number + 0.5)), datum.label)
            for number, datum in _every(data, ceil(len(data) / DATES))
        ],
    )


def scale(value: float, highest: float | None = None, finest: float = 0) -> list[float]:
    """Round numbers from 0 to at least ``value``, multiples of ``finest`` and never beyond ``highest``."""
    if value <= 0:
        return [0.0, highest or 1.0]
    rough = value / 4
    power = 10.0 ** floor(log10(rough))
    wide = (power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    step = next((step for step in wide if not finest or step % finest == 0), finest)
    steps = [step * number for number in range(ceil(value / step * 0.999) + 1)]
    return [number for number in steps if number < highest] + [highest] if highest and steps[-1] > highest else steps


def _bar(datum: Datum, left: float, slot: float, width: float, top: float) -> Bar:
    height = (datum.value or 0) / top * (BASE - TOP)
    if height:
        height = max(height, SHORTEST_BAR)
    return Bar(
        slot_x=_percent(left),
        slot_width=_percent(slot),
        x=_percent(left + (slot - width) / 2),
        width=_percent(width),
        y=f"{BASE - height:.1f}",
        height=f"{height:.1f}",
        datum=datum,
    )


def _line(step: float, top: float, label: str) -> Mark:
    at = BASE - step / top * (BASE - TOP)
    return Mark(f"{at:.1f}", label, f"{at + 4:.1f}")


def _every(data: list[Datum], step: int) -> Iterable[tuple[int, Datum]]:
    return list(enumerate(data))[:: max(step, 1)]


def _percent(value: float) -> str:
    return f"{value:.3f}%"
