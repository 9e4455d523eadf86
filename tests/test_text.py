"""Plain text that every database can keep."""

from __future__ import annotations

import pytest

from sessions_app import text
from sessions_app.exceptions import InvalidValue


@pytest.mark.parametrize(
    "value", ["a", " ", "a/b c", "é👍", "x" * 255, "👍" * 255, "<script>", "%00", "\u2028", "\u202e"]
)
def test_an_identifier_may_be_nearly_anything(value):
    assert text.check_identifier(value, "id") == value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "string_too_short"),
        ("x" * 256, "string_too_long"),
        ("\x00", "control_character"),
        ("a\nb", "control_character"),
        ("\x7f", "control_character"),
        ("\x85", "control_character"),
        ("\ud83d", "control_character"),
    ],
)
def test_an_identifier_may_not_be(value, code):
    with pytest.raises(InvalidValue) as caught:
        text.check_identifier(value, "id")
    assert (caught.value.location, caught.value.code) == (("id",), code)


def test_an_identifier_may_have_a_limit_of_its_own():
    assert text.check_identifier("abc", "tags", 3) == "abc"
    with pytest.raises(InvalidValue):
        text.check_identifier("abcd", "tags", 3)


@pytest.mark.parametrize("value", ["\x00", "a\ud83d"])
def test_text_may_not_hold_nul_or_surrogates(value):
    with pytest.raises(InvalidValue) as caught:
        text.check_text(value, "name")
    assert caught.value.location == ("name",)
    assert not text.is_storable(value)


def test_text_may_be_long_unless_told_otherwise():
    assert text.check_text("a\n" * 1000, "name") == "a\n" * 1000
    assert text.check_text("abc", "name", 3) == "abc"
    with pytest.raises(InvalidValue):
        text.check_text("abcd", "name", 3)


def test_a_choice():
    assert text.check_choice("a", "type", ["a", "b"]) == "a"
    with pytest.raises(InvalidValue) as caught:
        text.check_choice("c", "type", ["a", "b"])
    assert (caught.value.message, caught.value.location) == ("Must be one of: a, b", ("type",))


def test_storable_replaces_only_what_it_must():
    assert text.storable("a\x00b\ud83dc\ude00\n👍\u2028") == "a\ufffdb?c?\n👍\u2028"


@pytest.mark.parametrize(
    ("value", "title"), [("", ""), (" a \n b ", "a b"), ("x" * 60, "x" * 60), ("x" * 61, "x" * 60 + "...")]
)
def test_shorten(value, title):
    assert text.shorten(value) == title


def test_as_text():
    assert text.as_text("ä") == "ä"
    assert text.as_text({"ä": [1]}) == '{"\\u00e4": [1]}'
    assert text.as_text([1], indent=2) == "[\n  1\n]"
    assert text.as_text(None) == "null"
