"""Columns that give back what they got, on every database."""

from __future__ import annotations

import json

import pytest
from django.core import serializers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app import jsontext, services
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage
from tests import factories
from tests.values import exact, nested

LOSSLESS = {
    "nul": "a\x00b",
    "nul alone": "\x00",
    "escaped nul": "\\u0000 \\\\u0000",
    "nul key": {"\x00": "\x00"},
    "lone high surrogate": "a\ud83db",
    "lone low surrogate": "\ude00",
    "swapped surrogates": "\ude00\ud83d",
    "surrogate key": {"\ud83d": 1},
    "surrogate behind backslash": "\\\ud83d",
    "over 64 bits": [2**63, -(2**63) - 1, 2**64, 10**300],
    "floats": [0.1, 1e308, 5e-324, -0.0, 0.0, 1.0, 1, 1e16, 123456789.123456789, 2.2250738585072014e-308],
    "types": [True, 1, 1.0, False, 0, 0.0, -0.0, "", "1", "true", [], {}],
    "key order": {"z": 1, "a": 2, "m": {"b": 1, "a": 2}},
    "empty key": {"": {"": ""}},
    "nested": nested(200),
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 🇪🇪",
    "line separators": "a\u2028b\u2029c\u0085d\r\n\t\v\f",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9f\ufffe\uffff\U0010ffff",
    "normalisation": ["é", "e\u0301", "Å", "Å"],
    "megabytes": "ä" * 2_000_000,
    "spaces at the end": {"a ": "a ", "a": "a"},
    "quotes": "\"'`\\%_%%s{}",
    "null inside": [None, {"a": None}],
    "many numbers": list(range(1000)),
}


@pytest.fixture(params=LOSSLESS.values(), ids=LOSSLESS.keys())
def value(request):
    return request.param


def test_a_session_comes_back_equal(project, value):
    services.create_session(project=project, session_id="s", state=value, summary=value, details=value)
    session = Session.objects.get()
    for column in ("state", "summary", "details"):
        assert exact(getattr(session, column)) == exact(value)


def test_as_deep_as_can_be_comes_back_equal(project):
    deepest = nested(jsontext.MAX_DEPTH)
    services.create_session(project=project, session_id="s", state=deepest)
    assert exact(Session.objects.get().state) == exact(deepest)


def test_an_updated_session_comes_back_equal(project, value):
    session = factories.SessionFactory(project=project)
    updated = services.update_session(session=session, state=value, summary=value, details=value)
    session.refresh_from_db()
    for column in ("state", "summary", "details"):
        assert exact(getattr(session, column)) == exact(getattr(updated, column)) == exact(value)


def test_a_message_comes_back_equal(project, value):
    payload = {"role": "tool", "content": value, "more": {"x": value}}
    session = factories.SessionFactory(project=project, messages=[payload])
    message = session.messages.get()
    assert exact(message.payload) == exact(payload)
    changed = {"role": "user", "content": [{"type": "text", "text": value}], "x": value}
    services.update_message(message=message, payload=changed)
    assert exact(Message.objects.get().payload) == exact(changed)


def test_a_run_comes_back_equal(project, value):
    run = factories.RunFactory(session__project=project, input=value, content=value, details=value)
    stored = RunMetadata.objects.get()
    for column in ("input", "content", "details"):
        assert exact(getattr(stored, column)) == exact(value)
    services.update_run(run=run, input={"v": value}, content=[value], details=[[value]])
    stored.refresh_from_db()
    assert exact([stored.input, stored.content, stored.details]) == exact([{"v": value}, [value], [[value]]])


def joined(value):
    """A high and a low surrogate in a row are one character: JSON text has no other way to say them."""
    return json.loads(json.dumps(value))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON_VALUES)
def test_any_json_comes_back_equal(project, value):
    session = factories.SessionFactory(project=project, state=value, details=[value], summary={"": value})
    found = Session.objects.get(pk=session.pk)
    assert exact([found.state, found.details, found.summary]) == exact(joined([value, [value], {"": value}]))


NOT_JSON = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "1e400": json.loads("-1e400"),
    "too deep": nested(jsontext.MAX_DEPTH + 1),
    "much too deep": nested(100_000),
    "object": object(),
    "bytes": b"x",
    "set": {1},
    "tuple key": {(1, 2): 3},
    "inside": {"a": [{"b": float("nan")}]},
    "too many digits": 10**5000,
}


@pytest.fixture(params=NOT_JSON.values(), ids=NOT_JSON.keys())
def not_json(request):
    return request.param


@pytest.mark.parametrize("column", ["state", "summary", "details", "metadata", "index_ids"])
def test_a_session_refuses_what_is_not_json(project, not_json, column):
    with pytest.raises(InvalidValue) as caught:
        services.create_session(project=project, session_id="s", **{column: not_json})
    assert caught.value.location == (column,)
    assert not Session.objects.exists()
    session = factories.SessionFactory(project=project)
    with pytest.raises(InvalidValue) as caught:
        services.update_session(session=session, name="new", **{column: not_json})
    assert caught.value.location == (column,)
    session.refresh_from_db()
    assert (session.name, getattr(session, column), session.revision) == (None, None, 0)


@pytest.mark.parametrize("column", ["input", "content", "details", "export_config_ids"])
def test_a_run_refuses_what_is_not_json(project, not_json, column):
    session = factories.SessionFactory(project=project)
    with pytest.raises(InvalidValue) as caught:
        services.record_run(session=session, run_id="r", **{column: not_json})
    assert caught.value.location == (column,)
    assert not RunMetadata.objects.exists()
    run = factories.RunFactory(session=session)
    with pytest.raises(InvalidValue):
        services.update_run(run=run, error="new", **{column: not_json})
    run.refresh_from_db()
    assert (run.error, getattr(run, column)) == (None, None)


def test_messages_refuse_what_is_not_json(project, not_json):
    session = factories.SessionFactory(project=project)
    good = NewMessage({"role": "user", "content": "hello"})
    bad = NewMessage({"role": "user", "content": "hello", "more": [not_json]})
    with pytest.raises(InvalidValue) as caught:
        services.append_messages(session=session, messages=[good, bad])
    assert caught.value.location[0] == 1
    with pytest.raises(InvalidValue) as caught:
        services.record_run(session=session, run_id="r", messages=[good, bad])
    assert caught.value.location[:2] == ("messages", 1)
    assert not Message.objects.exists()
    assert not RunMetadata.objects.exists()
    session.refresh_from_db()
    assert (session.message_count, session.run_count, session.message_seq, session.revision) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "metadata",
    [
        {"a": "\x00"},
        {"\x00": 1},
        {"a": ["x", {"b": "a\ud83d"}]},
        {"\ude00": 1},
        nested(31),
        {"a": {"b": ["\\\x00"]}},
    ],
    ids=["nul", "nul key", "surrogate", "surrogate key", "31 levels", "nul behind backslash"],
)
def test_metadata_refuses_what_some_database_cannot_keep(project, metadata):
    with pytest.raises(InvalidValue) as caught:
        services.create_session(project=project, session_id="s", metadata=metadata)
    assert caught.value.location == ("metadata",)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "metadata",
    [
        nested(30),
        {"a": "\\u0000", "b": "\\\\u0000", "": "é\u2028👩‍👩‍👧‍👦"},
        {"big": 2**70, "float": 0.1, "null": None, "list": []},
        {},
        None,
    ],
    ids=["30 levels", "text that looks escaped", "numbers", "empty", "none"],
)
def test_metadata_comes_back_equal(project, metadata):
    services.create_session(project=project, session_id="s", metadata=metadata)
    assert Session.objects.get().metadata == metadata
    services.update_session(session=Session.objects.get(), metadata=metadata)
    assert Session.objects.get().metadata == metadata


def test_metadata_can_be_filtered(project):
    wanted = factories.SessionFactory(project=project, metadata={"app": {"id": "x", "deep": nested(25)}})
    factories.SessionFactory(project=project, metadata={"app": {"id": "y"}})
    factories.SessionFactory(project=project)
    assert list(Session.objects.with_metadata(["app", "id"], ["x", "z"])) == [wanted]


def test_none_is_null_and_not_a_json_null(project):
    session = factories.SessionFactory(project=project, state=None)
    assert Session.objects.filter(state__isnull=True).get() == session
    services.update_session(session=session, state=False)
    assert Session.objects.get().state is False


def test_dumpdata_and_loaddata_keep_json_equal(project):
    value = {"a": ["\x00", 2**70, "text", None, 1.0]}
    factories.SessionFactory(project=project, state=value, summary="text", details=[1])
    text = serializers.serialize("json", Session.objects.all())
    Session.objects.all().delete()
    for loaded in serializers.deserialize("json", text):
        loaded.save()
    session = Session.objects.get()
    assert exact([session.state, session.summary, session.details]) == exact([value, "text", [1]])
