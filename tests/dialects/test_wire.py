from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.test import override_settings
from rest_framework.exceptions import ParseError

from sessions_app.dialects import wire
from sessions_app.dialects.wire import (
    BodyTooLarge,
    LosslessJSONParser,
    LosslessJSONRenderer,
    iso_naive,
    iso_seconds,
    iso_utc,
)
from sessions_app.jsontext import RawList

MOMENT = datetime(2025, 9, 5, 18, 2, 9, 1, tzinfo=timezone(timedelta(hours=2)))


def parse(body):
    return LosslessJSONParser().parse(io.BytesIO(body))


def render(value):
    return LosslessJSONRenderer().render(value)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b' {"a": 1} \n', {"a": 1}),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"1e308", 1e308),
        (b"-0.0", -0.0),
        (rb'"\u0000\ud83d"', "\x00\ud83d"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        ('"\u00e4"'.encode(), "\u00e4"),
        ('"\u00e4"'.encode("utf-16"), "\u00e4"),
        ('"\u00e4"'.encode("utf-32"), "\u00e4"),
        (b'\xef\xbb\xbf"bom"', "bom"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"[" * 256 + b"]" * 256, json.loads("[" * 256 + "]" * 256)),
        (b"9" * 4300, int("9" * 4300)),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_it_reads_json(body, value):
    assert parse(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"x",
        b"{",
        b"{'a': 1}",
        b"[1,]",
        b"1 2",
        b"01",
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e400",
        b"-1e400",
        b'"\xff"',
        b'"\xc3"',
        b'"raw\nbreak"',
        b'"\x00"',
        b"\x00",
        b"9" * 4301,
        b"[" * 257 + b"]" * 257,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: ascii(body)[:30],
)
def test_it_refuses_what_is_not(body):
    with pytest.raises(ParseError) as caught:
        parse(body)
    assert len(str(caught.value)) < 300


def test_it_reads_no_more_than_it_may():
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size=-1):
            Endless.asked = size
            return b" " * size

    with override_settings(AGENT_SESSIONS={"MAX_BODY_BYTES": 10}):
        assert LosslessJSONParser().parse(io.BytesIO(b"1234567890")) == 1234567890
        with pytest.raises(BodyTooLarge):
            LosslessJSONParser().parse(Endless())
    assert Endless.asked == 11


@pytest.fixture(params=["orjson", "json"])
def writer(request, monkeypatch):
    """Each of the two that write; orjson is an extra."""
    if request.param == "json":
        monkeypatch.setattr(wire, "orjson", None)
    else:
        pytest.importorskip("orjson")
    return request.param


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (None, b""),
        ({"b": 1, "a": [None, True, 0.5]}, b'{"b":1,"a":[null,true,0.5]}'),
        ("\u00e4\U0001f600", '"\u00e4\U0001f600"'.encode()),
        ("\x00", rb'"\u0000"'),
        ("\ud83d", rb'"\ud83d"'),
        ("a\\\ude00", rb'"a\\\ude00"'),
        (2**70, b"1180591620717411303424"),
        (1e308, b"1e+308"),
        (RawList([]), b"[]"),
        (
            {"a": [RawList(['{"b":1}', '"\u00e4\\ud83d"']), 2**64]},
            '{"a":[[{"b":1},"\u00e4\\ud83d"],18446744073709551616]}'.encode(),
        ),
        ({"a": RawList(["1"]), "b": [RawList(["2", "3"]), {"c": None}]}, b'{"a":[1],"b":[[2,3],{"c":null}]}'),
    ],
)
@pytest.mark.usefixtures("writer")
def test_it_writes_compact_utf8(value, body):
    assert render(value) == body


@pytest.mark.parametrize("value", [object(), datetime(2025, 1, 1, tzinfo=UTC), b"", {1, 2}])
@pytest.mark.usefixtures("writer")
def test_it_never_guesses_what_objects_are_meant_to_be(value):
    with pytest.raises(TypeError, match="no JSON"):
        render({"a": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_it_never_writes_what_is_no_json(writer, value):
    """The store keeps no such number, so that none gets here."""
    if writer == "orjson":
        assert render({"a": value}) == b'{"a":null}'
    else:
        with pytest.raises(ValueError, match="JSON compliant"):
            render({"a": value})


@pytest.mark.usefixtures("writer")
def test_what_it_reads_it_writes_equal():
    value = {"\x00": ["\ud83d", "\ude00\ud83d", 10**300, 5e-324, "\u2028"], "": {}}
    assert parse(render(value)) == value


def test_moments():
    assert iso_utc(MOMENT) == "2025-09-05T16:02:09.000001Z"
    assert iso_naive(MOMENT) == "2025-09-05T16:02:09.000001"
    assert iso_seconds(MOMENT) == "2025-09-05T16:02:09Z"
    assert iso_naive(datetime(2025, 1, 1, tzinfo=UTC)) == "2025-01-01T00:00:00.000000"
    assert iso_seconds(datetime(33, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)) == "0033-01-01T00:00:00Z"


URL = "/api/sessions"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "", "*/*", "nonsense", "a/b;q=x"])
def test_it_is_never_406(client, accept):
    response = client.get(URL, HTTP_ACCEPT=accept)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=latin-1",
        "text/plain",
        "application/x-www-form-urlencoded",
        "x",
        "multipart/form-data",
    ],
)
def test_any_body_is_json(client, content_type):
    response = client.post(URL, '{"name": "\u00e4"}'.encode(), content_type=content_type)
    assert (response.status_code, response.json()["name"]) == (201, "\u00e4")


def test_a_body_in_chunks_is_refused_and_not_taken_for_an_empty_one(client, db):
    response = client.post(URL, {"name": "lost"}, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert response.status_code == 411
    assert response.json() == {"detail": "Send the body with a Content-Length, not in chunks"}
    assert client.get(URL).json()["results"] == []


@pytest.mark.parametrize("language", ["de", "de-AT, en;q=0.5", "ar"])
def test_it_speaks_english_whatever_the_browser_prefers(client, language):
    response = client.post(URL, {"tags": None, "branched_at": -1}, HTTP_ACCEPT_LANGUAGE=language)
    assert [error["msg"] for error in response.json()["detail"]] == [
        "This field may not be null.",
        "Ensure this value is greater than or equal to 0.",
    ]


@override_settings(LANGUAGE_CODE="de")
def test_what_the_store_refuses_is_told_in_english(client):
    response = client.post(URL, {"session_id": "a\x07"}, HTTP_ACCEPT_LANGUAGE="de")
    assert [error["msg"] for error in response.json()["detail"]] == ["Control characters are not allowed here"]


def test_head_is_get_without_a_body(client, store):
    response = client.head(f"{URL}/s-1")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("method", ["put", "options", "trace"])
@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/api/agents", "GET, POST, HEAD"),
        ("/api/sessions", "GET, POST, DELETE, HEAD"),
        ("/api/sessions/s-1", "GET, PATCH, DELETE, HEAD"),
        ("/api/sessions/s-1/export", "GET, HEAD"),
        ("/api/sessions/s-1/messages/0", "GET, PATCH, DELETE, HEAD"),
    ],
)
def test_another_method_is_405(client, method, url, allowed):
    response = getattr(client, method)(url)
    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert response.json() == {"detail": f'Method "{method.upper()}" not allowed.'}


@pytest.mark.parametrize("url", ["/api/sessions", "/api/agents", "/sessions/s-1", "/v1/sessions/s-1/summary"])
def test_with_and_without_a_slash_it_is_the_same(client, store, url):
    assert client.get(f"{url}/").json() == client.get(url).json()
