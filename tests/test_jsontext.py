"""JSON as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue
from tests.values import nested


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [1.0, True, None]}, '{"b":1,"a":[1.0,true,null]}'),
        ("é👍\u2028", '"é👍\u2028"'),
        ("\x00\x1f", '"\\u0000\\u001f"'),
        ("a\ud83d", '"a\\ud83d"'),
        ("\\\udc00", '"\\\\\\udc00"'),
        (-0.0, "-0.0"),
        (2**64, "18446744073709551616"),
    ],
)
def test_dumps_is_compact_and_readable(value, text):
    assert jsontext.dumps(value) == text
    assert jsontext.loads(text) == value


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=30))
def test_text_is_always_utf_8_without_nul(value):
    text = jsontext.dumps(value)
    assert b"\x00" not in text.encode()
    assert jsontext.loads(text) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", '{"a":-Infinity}', "1e400", "[-1e999]", "", "{", "'a'", "\ufeff1"]
)
def test_loads_refuses_what_is_not_json(text):
    with pytest.raises(ValueError):  # noqa: PT011
        jsontext.loads(text)


def test_loads_takes_bytes():
    assert jsontext.loads('{"ä": 1e5}'.encode()) == {"ä": 100000.0}
    with pytest.raises(ValueError):  # noqa: PT011
        jsontext.loads(b'"\xff"')


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), object(), b"", {(): 1}, {1, 2}, nested(257), nested(5000)]
)
def test_dumps_refuses_what_json_cannot_say(value):
    with pytest.raises(InvalidValue) as caught:
        jsontext.dumps(value)
    assert caught.value.code in {"json_type", "json_depth"}


@pytest.mark.parametrize("text", ["", "{", "NaN", "1e400", "9" * 5000, "\ufeff1", "[" * 257 + "]" * 257, "[" * 200_000])
def test_loads_or_takes_what_is_no_json_for_the_default(text):
    assert jsontext.loads_or(text, "no") == "no"


def test_loads_or_reads_json_within_the_limit():
    assert jsontext.loads_or('{"a": [1]}', "no") == {"a": [1]}
    assert jsontext.loads_or("null", "no") is None
    assert jsontext.loads_or("[[[0]]]", "no", 3) == [[[0]]]
    assert jsontext.loads_or("[[[0]]]", "no", 2) == "no"


def test_dumps_refuses_what_holds_itself():
    value = []
    value.append(value)
    with pytest.raises(InvalidValue):
        jsontext.dumps(value)


@pytest.mark.parametrize(
    ("value", "depth"), [(0, 0), ("[[", 0), ([], 1), ({}, 1), ({"a": [1, {"b": 2}]}, 3), ([[], [[]]], 3), (((),), 2)]
)
def test_depth(value, depth):
    assert jsontext.depth(value) == depth


def test_brackets_in_text_are_no_depth():
    assert jsontext.loads(jsontext.dumps("[{" * 1000)) == "[{" * 1000
    assert not jsontext.too_deep(["[" * 1000], '["' + "[" * 1000 + '"]')
    assert jsontext.too_deep(nested(3), "[[[0]]]", 2)
    assert jsontext.too_deep(nested(3), b"[[[0]]]", 2)
    assert not jsontext.too_deep(nested(3), b"[[[0]]]", 3)


@pytest.mark.parametrize("value", ["\x00", {"a\x00": 1}, ["\\\x00"], "\ud800", {"\udfff": 1}, nested(31), float("nan")])
def test_filterable_refuses(value):
    with pytest.raises(InvalidValue):
        jsontext.filterable(value)
    assert not jsontext.is_filterable(value)


@pytest.mark.parametrize("value", ["\\u0000", "\\\\u0000", "\\ud800", nested(30), None, {"a": ["é👍", 1.5, 2**70]}])
def test_filterable_gives_back(value):
    assert jsontext.filterable(value) is value
    assert jsontext.is_filterable(value)
