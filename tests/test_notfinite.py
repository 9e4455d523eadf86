from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app import notfinite

values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.sampled_from(["NaN", "Infinity", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(values)
def test_what_is_set_aside_comes_back(value):
    before = json.dumps({"value": value})
    plain, places = notfinite.set_aside({"value": value})

    json.dumps(plain, allow_nan=False)
    stored = json.loads(json.dumps(plain))
    assert json.dumps(notfinite.put_back(stored, places)) == before


def test_the_same_object_comes_out_where_all_is_finite():
    value = {"a": [1.5, {"b": "NaN"}]}
    plain, places = notfinite.set_aside(value)
    assert plain is value
    assert places == []


@pytest.mark.parametrize("now", [{"a": 1}, {"a": ["x"]}, {"a": []}, {}, {"a": "NaN"}, [], "text"])
def test_a_place_that_holds_something_else_now_is_left_alone(now):
    _, places = notfinite.set_aside({"a": [math.nan]})
    assert notfinite.put_back(now, places) == now
