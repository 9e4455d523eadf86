from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from sessions_app.admin import numbers


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (numbers.whole, 1234567, "1,234,567"),
        (numbers.compact, 0, "0"),
        (numbers.compact, 7.5, "7.5"),
        (numbers.compact, 1500, "1.5k"),
        (numbers.compact, 2_000_000, "2M"),
        (numbers.headline, 999_999, "999,999"),
        (numbers.headline, 12_340_000, "12.3M"),
        (numbers.percent, None, "-"),
        (numbers.percent, 0.0555, "5.5%"),
        (numbers.dollars, None, "-"),
        (numbers.dollars, 0, "$0.00"),
        (numbers.dollars, Decimal("0.00001"), "< $0.0001"),
        (numbers.dollars, 0.0123, "$0.0123"),
        (numbers.dollars, 1234.5, "$1,234.50"),
        (numbers.compact_dollars, 2500, "$2.5k"),
        (numbers.compact_dollars, 0.05, "$0.05"),
        (numbers.duration, None, "-"),
        (numbers.duration, 850, "850 ms"),
        (numbers.duration, 12_340, "12.3 s"),
        (numbers.duration, 125_000, "2 min 5 s"),
    ],
)
def test_numbers_are_written(write, value, text):
    assert write(value) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(0.055, 0.04, "+1.5 points"), (0, 0.5, "-50 points"), (0, 0, "+0 points"), (None, 0.5, ""), (0.5, None, "")],
)
def test_a_change_of_a_rate_is_told_in_points(now, before, text):
    assert numbers.points(now, before) == text


def test_numbers_follow_the_language():
    with translation.override("de"):
        assert numbers.dollars(1234.5) == "1.234,50 $"
        assert numbers.whole(1234567) == "1.234.567"


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (12, 10, "+20%"),
        (5, 10, "-50%"),
        (10, 10, "+0%"),
        (999, 1000, "+0%"),
        (5, 0, ""),
        (5, None, ""),
        (None, 5, ""),
        (99, 1, "> +999%"),
    ],
)
def test_a_change_is_told_in_percent_of_what_was(now, before, text):
    assert numbers.change(now, before) == text
