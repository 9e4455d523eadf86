from __future__ import annotations

import pytest

from sessions_app.admin.overview.charts import BASE, TOP, Datum, draw, scale


def data(*values):
    return [Datum(value, str(number), "", "") for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("value", "steps"),
    [(0, [0, 1]), (1, [0, 0.25, 0.5, 0.75, 1]), (4, [0, 1, 2, 3, 4]), (37, [0, 10, 20, 30, 40]), (3e9, None)],
)
def test_a_scale_has_round_numbers_up_to_the_value(value, steps):
    found = scale(value)
    assert found == (pytest.approx(steps) if steps else found)
    assert found[0] == 0
    assert found[-1] >= value
    assert 2 <= len(found) <= 6


def test_a_scale_ends_at_what_is_highest():
    assert scale(1, 1)[-1] == 1
    assert scale(0, 1) == [0, 1]


def test_a_scale_of_things_has_no_parts_of_them():
    assert scale(1, finest=1) == [0, 1]
    assert scale(3, finest=1) == [0, 1, 2, 3]
    assert scale(9, finest=1) == [0, 5, 10]
    assert scale(9) == [0, 2.5, 5, 7.5, 10]


def test_bars_stand_on_the_base_and_fill_the_width():
    chart = draw(data(5, 10, 0), str)
    assert [float(bar.y) + float(bar.height) for bar in chart.bars] == [BASE] * 3
    assert float(chart.bars[1].y) == TOP
    last = chart.bars[-1]
    assert float(last.slot_x[:-1]) + float(last.slot_width[:-1]) == pytest.approx(100, abs=0.01)


def test_a_small_number_is_still_seen_and_none_is_not():
    tiny, nothing, none, _big = draw(data(1, 0, None, 1_000_000), str).bars
    assert float(tiny.height) >= 2
    assert float(nothing.height) == float(none.height) == 0


@pytest.mark.parametrize(("days", "labels"), [(1, 1), (7, 4), (30, 5), (90, 5), (366, 5)])
def test_few_dates_are_written(days, labels):
    chart = draw(data(*range(days)), str)
    assert len(chart.bars) == days
    assert len(chart.dates) == labels
