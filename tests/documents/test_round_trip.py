"""A session that is exported and imported again is equal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sessions_app import documents, services
from sessions_app.documents import Outcome
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Session
from sessions_app.models.usage import TOKEN_FIELDS
from tests import factories
from tests.documents.copies import assert_equal, copy
from tests.values import nested

NASTY = {
    "nul": "a\x00b",
    "surrogate": "\ud83d alone",
    "big": 2**80,
    "float": 0.1,
    "whole": 1.0,
    "z": {"b": 1, "a": True},
    "a": [None, "", "ä", "日本", "👩‍👧", "\u2028"],
}
MOMENT = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC)


def nasty_session(project):
    agent = services.ensure_agent(
        project=project, agent_id="helper", name="Helper", type="team", model={"provider": "P", "name": "N", "id": "I"}
    )
    return services.create_session(
        project=project,
        session_id="nasty / ü",
        type="team",
        agent=agent,
        user_id="",
        name="",
        state={**NASTY, "deep": nested(200)},
        metadata={},
        summary={**NASTY, "deep": nested(200)},
        tags=["b", "a", "A"],
        index_ids=[],
        shared_access="query",
        details=[NASTY, nested(200)],
        created_at=MOMENT,
        updated_at=MOMENT,
    )


def fill_nastily(session):
    member = services.ensure_agent(project=session.project, agent_id="member", name="Member")
    said = {"role": "user", "content": "Hello\x00 there", **NASTY, "deep": nested(200)}
    counted = {"role": "assistant", "content": "x", "metrics": {"input_tokens": 3, "output_tokens": 4}}
    services.append_messages(session=session, messages=[services.NewMessage({"role": "system", "content": "outside"})])
    run, _ = services.record_run(
        session=session,
        run_id="run 1",
        messages=[
            services.NewMessage({"role": "user", "content": "old", "from_history": True}),
            services.NewMessage(said, created_at=MOMENT),
            services.NewMessage(counted),
        ],
        parent_run_id="",
        agent=member,
        user_id="",
        status="ERROR",
        is_error=False,
        input=NASTY,
        content="",
        model_provider="P",
        model_id="I",
        usage={name: number for number, name in enumerate(TOKEN_FIELDS, start=5)},
        duration_ms=0.1 + 0.2,
        turns=0,
        error="",
        export_config_ids=["x", "y"],
        details={**NASTY, "deep": nested(200)},
        created_at=MOMENT,
        updated_at=MOMENT,
    )
    services.append_messages(session=session, messages=[services.NewMessage(counted)])
    services.record_run(session=session, run_id="run 2", parent_run_id="run 1", usage={}, status="PENDING")
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    services.append_messages(
        session=session,
        messages=[
            services.NewMessage(counted, run=run),
            services.NewMessage(item, format="openai.responses", created_at=MOMENT),
        ],
    )
    services.record_run(session=session, run_id="run 3", messages=[services.NewMessage(counted)], usage={})


def test_it_writes_back_nasty_data_equal(project, other):
    session = nasty_session(project)
    fill_nastily(session)

    copied = copy(session, other)

    assert_equal(session, copied)
    document = documents.document_of(session)
    assert documents.write(project, document)[1] is Outcome.UNCHANGED
    assert documents.write(other, document)[1] is Outcome.UNCHANGED
    assert [message.payload for message in copied.messages.in_order()] == [
        message.payload for message in session.messages.in_order()
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"user_id": None, "name": None, "metadata": None, "state": None},
        {"user_id": "u", "name": "n", "metadata": {"a": 1.5, "b": [True, None]}, "state": {}},
        {"branched_at": 7},
    ],
)
def test_it_writes_back_small_sessions_equal(project, other, fields):
    session = services.create_session(project=project, session_id="small", **fields)

    assert_equal(session, copy(session, other))


def test_it_keeps_branches_also_where_messages_were_deleted(project, other):
    parent = factories.SessionFactory(
        project=project, messages=[{"role": "user", "content": str(number)} for number in range(5)]
    )
    branch = services.create_session(project=project, session_id="branch", parent=parent, branched_at=3)
    services.delete_message(message=parent.messages.at(1))

    new_parent, new_branch = copy(parent, other), copy(branch, other)

    assert (new_branch.parent, new_branch.branched_at) == (new_parent, 2)
    assert new_parent.messages.at(2).text == "3"
    assert_equal(branch, new_branch)


def test_it_opens_a_session_with_what_opened_it(project, other):
    workflow = services.create_session(project=project, session_id="w", type="workflow")
    services.append_messages(session=workflow, messages=[services.NewMessage({"role": "user", "content": "First"})])
    said = [services.NewMessage({"role": "user", "content": "Step"})]
    services.record_run(session=workflow, run_id="1", input={"q": 1}, messages=said)

    assert_equal(workflow, copy(workflow, other))


def test_it_does_not_write_what_comes_while_it_writes(project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "a"}])
    pieces = documents.pieces(session)
    text = next(pieces)
    factories.RunFactory(session=session, messages=[{"role": "user", "content": "b"}])

    document = json.loads(text + "".join(pieces))

    assert "runs" not in document
    assert len(document["messages"]) == 1


def test_it_says_when_a_session_has_gone(project):
    session = factories.SessionFactory(project=project)
    Session.objects.all().delete()

    with pytest.raises(SessionNotFound):
        next(documents.pieces(session))
    with pytest.raises(SessionNotFound):
        documents.document_of(session)


def test_it_reads_many_messages_in_few_queries(project, other, django_assert_max_num_queries):
    messages = [{"role": "user", "content": str(number)} for number in range(1201)]
    with django_assert_max_num_queries(60):
        session, _ = documents.write(project, {"session_id": "long", "messages": messages})

    assert session.message_count == 1201
    with django_assert_max_num_queries(20):
        document = documents.document_of(session)
    assert [message["payload"] for message in document["messages"]] == messages
    assert_equal(session, copy(session, other))


def test_it_leaves_out_what_is_not_there(project):
    session, _ = documents.write(project, {"session_id": "s", "created_at": 0, "runs": [{"run_id": "r"}]})
    document = documents.document_of(session)

    assert list(document) == ["session_id", "type", "created_at", "updated_at", "runs", "messages"]
    assert list(document["runs"][0]) == ["run_id", "status", "usage", "turns", "is_error", "created_at", "updated_at"]
    assert document["created_at"] == "1970-01-01T00:00:00.000000+00:00"
