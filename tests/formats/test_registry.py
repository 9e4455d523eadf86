"""Formats by name, and what all of them share."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import override_settings

from sessions_app import formats, services
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import CanonicalMessage, Usage
from sessions_app.formats.canonical import MAX_TOKENS, read_time, read_usage
from sessions_app.services import NewMessage
from tests import factories


class Shouting:
    """A site's own format."""

    name = "shouting"

    def check(self, payload):
        if not isinstance(payload, str):
            raise InvalidValue("Must be text")

    def read(self, payload):
        return CanonicalMessage(role="user", parts=[{"type": "text", "content": payload.lower()}])


SHOUTING = {"MESSAGE_FORMATS": {"shouting": f"{__name__}.Shouting"}}


def test_the_built_in_ones():
    assert formats.names() == ["openai.chat", "openai.responses", "otel.genai", "json"]
    assert formats.DEFAULT == "openai.chat"
    for name in formats.names():
        assert formats.get(name).name == name


def test_an_unknown_one():
    with pytest.raises(InvalidValue) as caught:
        formats.get("shouting")
    assert (caught.value.location, caught.value.code) == (("format",), "enum")
    assert "openai.chat, openai.responses, otel.genai, json" in caught.value.message


def test_a_site_adds_its_own(project):
    with override_settings(AGENT_SESSIONS=SHOUTING):
        assert formats.names() == ["openai.chat", "openai.responses", "otel.genai", "json", "shouting"]
        assert formats.read("HELLO", "shouting").text == "hello"
        session = factories.SessionFactory(project=project)
        services.append_messages(session=session, messages=[NewMessage("HELLO", format="shouting")])
        message = session.messages.get()
        assert (message.payload, message.text, message.role, message.format) == ("HELLO", "hello", "user", "shouting")
    with pytest.raises(InvalidValue):
        formats.get("shouting")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        ([{"type": "text", "content": "a"}, {"type": "uri", "uri": "u"}, {"type": "text", "content": "b"}], "a\nb"),
        ([{"type": "text", "content": ""}, {"type": "text", "content": "b"}], "b"),
        ([{"type": "reasoning", "content": "hidden"}, {"type": "tool_call", "id": "", "name": "f"}], ""),
        ([{"type": "tool_call_response", "id": "", "response": "answer"}], "answer"),
        ([{"type": "tool_call_response", "id": "", "response": {"a": 1}}], ""),
    ],
)
def test_text_is_what_people_read(parts, text):
    assert CanonicalMessage(role="user", parts=parts).text == text


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        ({"input_tokens": 1, "output_tokens": 2, "total_tokens": 4}, Usage(1, 2, 4)),
        ({"prompt_tokens": 1, "completion_tokens": 2}, Usage(1, 2, 3)),
        ({"input_tokens": MAX_TOKENS}, Usage(MAX_TOKENS, 0, MAX_TOKENS)),
        ({"input_tokens": MAX_TOKENS + 1, "output_tokens": -1, "total_tokens": 1.0}, Usage()),
        ({"input_tokens": True, "output_tokens": "5", "total_tokens": None}, Usage()),
        ({"input_tokens": None, "prompt_tokens": 5}, Usage(5, 0, 5)),
        (None, Usage()),
        ([], Usage()),
        ("x", Usage()),
    ],
)
def test_usage(counts, usage):
    assert read_usage(counts) == usage


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1735787045.5, datetime(2025, 1, 2, 3, 4, 5, 500000, tzinfo=UTC)),
        ("2025-01-02T03:04:05Z", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2025-01-02T03:04:05+02:00", datetime(2025, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2025-01-02T03:04:05.678901", datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)),
        (True, None),
        (None, None),
        ("soon", None),
        ("", None),
        ([], None),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
    ],
)
def test_time(value, moment):
    assert read_time(value) == moment
    assert moment is None or read_time(value).tzinfo is UTC
