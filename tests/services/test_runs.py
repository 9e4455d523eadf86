"""Runs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sessions_app import services
from sessions_app.exceptions import InvalidValue, RunNotFound, SessionNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import NewMessage
from tests import factories

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = datetime(2025, 1, 3, tzinfo=UTC)


def said(text, tokens=0, role="user", **extra):
    return NewMessage({"role": role, "content": text, "metrics": {"input_tokens": tokens}, **extra})


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def test_a_run_is_stored_with_all_that_it_says(session):
    fields = {
        "parent_run_id": "parent",
        "agent": session.agent,
        "user_id": "u",
        "status": "PAUSED",
        "input": {"a": 1},
        "content": "answer",
        "model_provider": "OpenAI",
        "model_id": "gpt-4o",
        "duration_ms": 12.5,
        "turns": 3,
        "is_error": True,
        "error": "no",
        "export_config_ids": ["x"],
        "details": {"more": [1]},
        "created_at": MOMENT,
        "updated_at": LATER,
    }
    usage = {name: number for number, name in enumerate(TOKEN_FIELDS, 1)}
    run, created = services.record_run(
        session=session, run_id="r", messages=[said("a"), said("b", role="assistant")], usage=usage, **fields
    )
    assert created
    stored = RunMetadata.objects.get()
    assert {name: getattr(stored, name) for name in fields} == fields
    assert (stored.usage, stored.position, stored.pk) == (usage, 0, run.pk)
    assert [message.text for message in stored.messages.in_order()] == ["a", "b"]
    session.refresh_from_db()
    assert (session.run_count, session.message_count, session.error_count, session.usage) == (1, 2, 1, usage)


def test_a_run_that_says_nothing_is_complete(session):
    run, _ = services.record_run(session=session, run_id="r")
    assert (run.status, run.is_error, run.turns, run.duration_ms) == ("COMPLETED", False, 1, None)
    assert run.created_at == run.updated_at >= session.created_at


@pytest.mark.parametrize(
    ("usage", "totals"),
    [
        ({}, (0, 0)),
        ({"input_tokens": 3, "output_tokens": 4}, (7, 0)),
        ({"input_tokens": 3, "output_tokens": 4, "total_tokens": 9}, (9, 0)),
        ({"total_tokens": 9}, (9, 0)),
        ({"audio_input_tokens": 1, "audio_output_tokens": 2}, (0, 3)),
        ({"audio_total_tokens": 5}, (0, 5)),
    ],
)
def test_totals_follow_from_their_parts(session, usage, totals):
    run, _ = services.record_run(session=session, run_id="r", usage=usage)
    assert (run.total_tokens, run.audio_total_tokens) == totals


def test_without_usage_the_messages_count_but_not_history(session):
    messages = [said("old", 100, from_history=True), said("a", 5), said("b", 6)]
    run, _ = services.record_run(session=session, run_id="r", messages=messages)
    assert (run.input_tokens, run.total_tokens) == (11, 11)


def test_usage_goes_before_the_messages(session):
    run, _ = services.record_run(session=session, run_id="r", messages=[said("a", 5)], usage={"input_tokens": 9})
    session.refresh_from_db()
    assert (run.total_tokens, session.total_tokens) == (9, 9)


def test_a_run_sent_twice_is_stored_once(session):
    first, _ = services.record_run(session=session, run_id="r", messages=[said("a", 5)], content="first")
    session.refresh_from_db()
    before = Session.objects.values().get()
    again, created = services.record_run(session=session, run_id="r", messages=[said("b", 7)], content="second")
    assert (again.pk, again.content, created) == (first.pk, "first", False)
    assert Session.objects.values().get() == before
    assert [message.text for message in Message.objects.all()] == ["a"]


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"run_id": ""}, ("run_id",)),
        ({"run_id": "x" * 256}, ("run_id",)),
        ({"run_id": "a\nb"}, ("run_id",)),
        ({"status": "DONE"}, ("status",)),
        ({"status": "completed"}, ("status",)),
        ({"user_id": "\x00"}, ("user_id",)),
        ({"user_id": "x" * 256}, ("user_id",)),
        ({"parent_run_id": "\ud800"}, ("parent_run_id",)),
        ({"parent_run_id": "x" * 256}, ("parent_run_id",)),
        ({"model_id": "x" * 256}, ("model_id",)),
        ({"model_provider": "\x00"}, ("model_provider",)),
        ({"error": "\x00"}, ("error",)),
        ({"export_config_ids": ["\x00"]}, ("export_config_ids",)),
        ({"duration_ms": float("nan")}, ("duration_ms",)),
        ({"duration_ms": float("inf")}, ("duration_ms",)),
        ({"turns": -1}, ("turns",)),
        ({"turns": 2**31}, ("turns",)),
        ({"usage": {"input_tokens": -1}}, ("usage", "input_tokens")),
        ({"usage": {"total_tokens": 2**64}}, ("usage", "total_tokens")),
        ({"usage": {"total_tokens": 1.5}}, ("usage", "total_tokens")),
        ({"usage": {"output_tokens": None}}, ("usage", "output_tokens")),
        ({"messages": [NewMessage({"role": "user"}), NewMessage({})]}, ("messages", 1, "role")),
    ],
)
def test_a_bad_value_stores_nothing(session, fields, location):
    with pytest.raises(InvalidValue) as caught:
        services.record_run(session=session, **{"run_id": "r", **fields})
    assert caught.value.location == location
    assert not RunMetadata.objects.exists()
    if "run_id" not in fields:
        run, _ = services.record_run(session=session, run_id="r")
        before = RunMetadata.objects.values().get()
        with pytest.raises(InvalidValue) as caught:
            services.update_run(run=run, **fields)
        assert caught.value.location == location
        assert RunMetadata.objects.values().get() == before


def test_status_says_whether_it_is_an_error_unless_told(session):
    run, _ = services.record_run(session=session, run_id="r", status="ERROR")
    assert run.is_error
    services.update_run(run=run, status="COMPLETED")
    assert not RunMetadata.objects.get().is_error
    services.update_run(run=run, is_error=True)
    assert (run.status, RunMetadata.objects.get().is_error) == ("COMPLETED", True)
    services.update_run(run=run, status="ERROR", is_error=False)
    assert not RunMetadata.objects.get().is_error


def test_an_update_changes_only_what_is_given(session):
    run, _ = services.record_run(session=session, run_id="r", content="a", details=[1], created_at=MOMENT)
    stale = RunMetadata.objects.get()
    services.update_run(run=run, content="b")
    services.update_run(run=stale, details=[2], updated_at=LATER)
    stored = RunMetadata.objects.get()
    assert (stored.content, stored.details, stored.created_at, stored.updated_at) == ("b", [2], MOMENT, LATER)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"input_tokens": 3, "output_tokens": 4}, {"input_tokens": 10}, (10, 4, 14, 0)),
        ({"input_tokens": 3, "total_tokens": 9}, {"reasoning_tokens": 1}, (3, 0, 9, 0)),
        ({"input_tokens": 3}, {"total_tokens": 8}, (3, 0, 8, 0)),
        ({"audio_input_tokens": 3}, {"audio_input_tokens": 1}, (0, 0, 0, 1)),
        ({"audio_total_tokens": 3}, {"input_tokens": 1}, (1, 0, 1, 3)),
        ({"input_tokens": 3}, {}, (3, 0, 3, 0)),
    ],
)
def test_an_update_of_usage_adds_totals_up_anew_where_their_parts_changed(session, before, change, after):
    run, _ = services.record_run(session=session, run_id="r", usage=before)
    services.update_run(run=run, usage=change)
    run.refresh_from_db()
    session.refresh_from_db()
    counts = ("input_tokens", "output_tokens", "total_tokens", "audio_total_tokens")
    assert tuple(getattr(run, name) for name in counts) == after
    assert session.usage == run.usage


def test_an_update_appends_messages_with_their_tokens(session):
    run, _ = services.record_run(session=session, run_id="r", messages=[said("a", 5)])
    services.append_messages(session=session, messages=[said("between", 1)])
    services.update_run(run=run, messages=[said("b", 7), said("old", 50, from_history=True)])
    run.refresh_from_db()
    session.refresh_from_db()
    assert [(message.text, message.position) for message in run.messages.in_order()] == [("a", 0), ("b", 2), ("old", 3)]
    assert (run.total_tokens, session.total_tokens, session.message_count) == (12, 13, 4)


def test_a_run_that_is_gone_cannot_be_updated(session):
    run, _ = services.record_run(session=session, run_id="r")
    stale = RunMetadata.objects.get()
    services.delete_run(run=run)
    with pytest.raises(RunNotFound):
        services.update_run(run=stale, status="ERROR")
    assert not RunMetadata.objects.exists()


def test_a_session_that_is_gone_takes_no_run(session):
    Session.objects.all().delete()
    with pytest.raises(SessionNotFound):
        services.record_run(session=session, run_id="r")


def test_a_deleted_run_takes_its_messages_and_leaves_its_children(session):
    parent, _ = services.record_run(session=session, run_id="p", messages=[said("a", 5)])
    services.record_run(session=session, run_id="c", parent_run_id="p", messages=[said("b", 7)])
    services.delete_run(run=parent)
    session.refresh_from_db()
    assert [run.run_id for run in session.runs.all()] == ["c"]
    assert [message.text for message in session.messages.all()] == ["b"]
    assert (session.run_count, session.run_seq, session.message_count, session.total_tokens) == (1, 2, 1, 7)
    run, created = services.record_run(session=session, run_id="p")
    assert (run.position, created) == (2, True)
