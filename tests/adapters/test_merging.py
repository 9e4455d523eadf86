from __future__ import annotations

import pytest

from sessions_app.adapters.merging import MISSING, is_same, merge


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        (1, 1, 2, 2),
        (1, 2, 1, 2),
        (1, 2, 3, 2),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 1, "c": 3}, {"a": 1, "b": 2, "c": 3}),
        ({"a": 1, "b": 2}, {"b": 2}, {"a": 1, "b": 3}, {"b": 3}),
        ({"a": 1}, {"a": 2}, {}, {"a": 2}),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, {"a": {"x": 1, "y": 1}}, {"a": {"x": 2, "y": 1}}),
        (None, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        (None, None, {"b": 2}, {"b": 2}),
        ([1], [1, 2], [1, 3], [1, 2]),
        (1, True, 1, True),
        (0, 0, False, False),
    ],
)
def test_what_mine_changed_is_done_to_theirs(base, mine, theirs, merged):
    found = merge(base, mine, theirs)
    assert found == merged
    assert type(found) is type(merged)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ({"n": 10}, {"n": 13}, {"n": 17}, {"n": 20}),
        ({}, {"n": 3}, {"n": 7}, {"n": 10}),
        ({"n": 0.1}, {"n": 0.3}, {"n": 0.1}, {"n": 0.3}),
        ({"n": "x"}, {"n": "y"}, {"n": "z"}, {"n": "y"}),
        (
            {"rows": [{"id": "m", "n": 1}]},
            {"rows": [{"id": "m", "n": 3}, {"id": "k", "n": 1}]},
            {"rows": [{"id": "m", "n": 6}]},
            {"rows": [{"id": "m", "n": 8}, {"id": "k", "n": 1}]},
        ),
    ],
)
def test_counters_add_up(base, mine, theirs, merged):
    values = ({"counts": value, "n": 1} for value in (base, mine, theirs))
    assert merge(*values, counters=("counts",)) == {"counts": merged, "n": 1}


def test_numbers_elsewhere_do_not_add_up():
    assert merge({"n": 10}, {"n": 13}, {"n": 17}, counters=("counts",)) == {"n": 13}


def test_a_key_that_is_not_there_is_not_null():
    assert not is_same(MISSING, None)
    assert is_same(MISSING, MISSING)
