from __future__ import annotations

import json

import pytest

from sessions_app.services.words import Words

LONG = 'Meet me at "Pier 7"\nat nine'


def words(*values):
    hidden = Words()
    for value in values:
        hidden.add(value)
    return hidden


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (LONG, "[hidden]"),
        (f" {LONG}\n", "[hidden]"),
        (f"He said: {LONG}. Twice: {LONG}", "He said: [hidden]. Twice: [hidden]"),
        ({"a": [{"b": LONG}], "n": 1}, {"a": [{"b": "[hidden]"}], "n": 1}),
        (json.dumps({"q": LONG}), '{"q": "[hidden]"}'),
        ({LONG: 1}, {"[hidden]": 1}),
        (
            [{"delta": LONG[:5]}, {"delta": LONG[5:8]}, {"delta": f"{LONG[8:]}!"}],
            [{"delta": "[hidden]"}, {"delta": ""}, {"delta": "!"}],
        ),
    ],
)
def test_a_long_text_is_found_anywhere(value, shown):
    assert words(LONG).scrub(value) == shown


@pytest.mark.parametrize("value", [None, 7, "", [], {}, "yes sir", {"a": {"type": "yes"}}, [True, None, 1.5, "no"]])
def test_what_holds_none_of_it_stays_the_very_same(value):
    assert words("yes", LONG).scrub(value) is value


def test_a_short_text_is_found_only_where_it_is_the_whole():
    assert words("yes").scrub(["yes", "yes, sir", " yes "]) == ["[hidden]", "yes, sir", "[hidden]"]
    assert words("yes").scrub(["yes"], also_short=False) == ["yes"]


def test_arguments_are_found_as_values_and_as_text():
    hidden = words('{"iban": "IBAN-77", "n": 1}', {"pin": 4711})
    value = {"args": {"n": 1, "iban": "IBAN-77"}, "shown": "IBAN-77", "pins": [{"pin": 4711}], "said": "IBAN-77 ok"}
    assert hidden.scrub(value) == {"args": {}, "shown": "[hidden]", "pins": [{}], "said": "IBAN-77 ok"}


def test_overlaps_are_one_gap():
    assert words("abcdefghijklmnop", "mnopqrstuvwxyz").scrub("> abcdefghijklmnopqrstuvwxyz <") == "> [hidden] <"


def test_what_names_a_thing_stays():
    value = {"role": LONG, "run_id": LONG, "function": {"name": LONG, "arguments": LONG}, "name": LONG}
    assert words(LONG).scrub(value) == {
        "role": LONG,
        "run_id": LONG,
        "function": {"name": LONG, "arguments": "[hidden]"},
        "name": "[hidden]",
    }


def test_nothing_and_the_replacement_itself_are_no_words():
    hidden = words("", "  ", "[hidden]", None, [], {})
    assert not hidden
    assert hidden.scrub("[hidden]") == "[hidden]"
