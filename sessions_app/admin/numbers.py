"""Numbers as people read them, in the current language."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from sessions_app.admin.display import EMPTY

Describe = Callable[[float], str]
UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def whole(value: float) -> str:
    """1,234,567"""
    return number_format(round(value), use_l10n=True, force_grouping=True)


def compact(value: float) -> str:
    """1.2M; small numbers as they are."""
    for size, unit in UNITS:
        if value >= size:
            return f"{_trimmed(value / size, 1)}{unit}"
    return _trimmed(value, 2)


def headline(value: float) -> str:
    """Whole up to six digits, compact beyond."""
    return whole(value) if value < 1_000_000 else compact(value)


def percent(part: float | None) -> str:
    """5.5 %, of a part of 1."""
    return EMPTY if part is None else _("%(number)s%%") % {"number": _trimmed(part * 100, 1)}


def dollars(amount: float | Decimal | None) -> str:
    """$1,234.50; below ten cents with four places."""
    if amount is None:
        return EMPTY
    places = 2 if amount >= 0.1 or not amount else 4
    if 0 < amount < 0.0001:
        return "< " + _money(number_format(0.0001, decimal_pos=4, use_l10n=True))
    return _money(number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True))


def compact_dollars(amount: float) -> str:
    """$1.2k, for a scale."""
    if amount >= 1_000 or amount == round(amount):
        return _money(compact(amount))
    places = next((places for places in (1, 2, 3, 4) if round(amount, places) == round(amount, 6)), 5)
    return _money(number_format(amount, decimal_pos=places, use_l10n=True))


def duration(milliseconds: float | None) -> str:
    """850 ms, 12.3 s, 4 min 5 s, 2 h 5 min."""
    if milliseconds is None:
        return EMPTY
    if milliseconds < 1_000:
        return _("%(number)s ms") % {"number": whole(milliseconds)}
    if milliseconds < 60_000:
        return _("%(number)s s") % {"number": number_format(milliseconds / 1_000, decimal_pos=1, use_l10n=True)}
    minutes, seconds = divmod(round(milliseconds / 1_000), 60)
    if minutes < 60:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    hours, minutes = divmod(minutes, 60)
    return _("%(hours)s h %(minutes)s min") % {"hours": whole(hours), "minutes": minutes}


def in_and_out(read: int, written: int) -> str:
    """The tokens that a model read and wrote."""
    return _("%(input)s in, %(output)s out") % {"input": whole(read), "output": whole(written)}


def change(now: float | None, before: float | None) -> str:
    """+12 %, of what was before; "" where that is nothing."""
    if now is None or not before:
        return ""
    percents = (now - before) / before * 100
    return _("%(number)s%%") % {"number": "> +999" if percents > 999 else f"{round(percents):+d}"}


def points(now: float | None, before: float | None) -> str:
    """+1.5 points, of parts of 1; "" where there was none before."""
    if now is None or before is None:
        return ""
    change = round((now - before) * 100, 1)
    sign = "-" if change < 0 else "+"
    return _("%(number)s points") % {"number": sign + _trimmed(abs(change), 1)}


def _money(number: str) -> str:
    return _("$%(number)s") % {"number": number}


def _trimmed(value: float, places: int) -> str:
    """Without zeros behind the point."""
    value = round(value, places)
    return number_format(int(value) if value == int(value) else value, use_l10n=True, force_grouping=True)
