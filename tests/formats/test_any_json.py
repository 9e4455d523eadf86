"""JSON objects of no format that we know."""

from __future__ import annotations

import pytest

from sessions_app import formats
from sessions_app.exceptions import InvalidValue
from sessions_app.formats.openai_chat import render

JSON = formats.get("json")


@pytest.mark.parametrize("payload", [None, 5, "text", [], [{}]])
def test_what_is_no_object_is_refused(payload):
    with pytest.raises(InvalidValue):
        JSON.check(payload)


@pytest.mark.parametrize("payload", [{}, {"type": "text"}, {"type": ["a"], "role": None}, {"a": [{"b": 1}]}])
def test_an_object_is_read_as_one_part(payload):
    JSON.check(payload)
    found = JSON.read(payload)
    assert (found.role, found.parts, found.text) == ("assistant", [{**payload, "type": "unknown"}], "")
    assert render(found)["role"] == "assistant"


def test_hidden_it_says_nothing_more():
    hidden = JSON.redacted({"secret": "word"})
    JSON.check(hidden)
    assert hidden == {"content": "[hidden]"}


@pytest.mark.parametrize("change", [JSON.with_text, JSON.with_role])
def test_it_has_neither_text_nor_role_to_change(change):
    with pytest.raises(InvalidValue):
        change({"a": 1}, "new")
