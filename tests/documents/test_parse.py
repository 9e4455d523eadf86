"""Documents of others: plain messages, messages in their runs, and where one is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from sessions_app import documents
from sessions_app.documents import Outcome
from sessions_app.documents.parse import parse
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Session
from tests.values import nested


def test_it_takes_plain_messages(project):
    document = {
        "session_id": "s",
        "agent_id": "a",
        "agent_name": "A",
        "user_id": None,
        "model": {"provider": "OpenAI", "id": "gpt-4o"},
        "metadata": {"reward": 0.0},
        "created_at": 1700000000.5,
        "updated_at": "2024-01-01T00:00:00",
        "messages": [
            {"role": "user", "content": "Hi"},
            {"payload": {"role": "assistant", "content": "Yes"}, "created_at": "2023-01-01T01:00:00+01:00"},
            {"role": "user", "content": "x", "payload": {"its": "own"}},
        ],
    }

    session, outcome = documents.write(project, document)

    assert outcome is Outcome.CREATED
    assert (session.agent.type, session.agent.name, session.agent.model_id) == ("agent", "A", "gpt-4o")
    assert (session.message_count, session.run_count, session.generated_title) == (3, 0, "Hi")
    assert session.created_at == datetime(2023, 11, 14, 22, 13, 20, 500000, tzinfo=UTC)
    assert session.updated_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert session.messages.at(1).created_at == datetime(2023, 1, 1, tzinfo=UTC)
    assert session.messages.at(2).payload == document["messages"][2]
    assert documents.write(project, document)[1] is Outcome.UNCHANGED


def test_it_takes_messages_that_lie_in_their_runs(project):
    counted = {"role": "assistant", "content": "y", "usage": {"prompt_tokens": 10, "completion_tokens": 2}}
    document = {
        "session_id": "s",
        "agent_id": "a",
        "type": "team",
        "messages": [{"role": "system", "content": "x"}, {"payload": counted, "run_id": "r2"}],
        "runs": [
            {"run_id": "r1", "agent_id": "m", "messages": [{"role": "user", "content": "q"}, counted]},
            {"run_id": "r2", "usage": {"input_tokens": 1}, "status": "ERROR", "error": "Broke", "messages": []},
            {"run_id": "r3", "model": {"id": "gpt"}, "duration_ms": 3},
        ],
    }

    session, _ = documents.write(project, document)

    said = session.messages.in_order().values_list("role", "run__run_id")
    assert list(said) == [("system", None), ("assistant", "r2"), ("user", "r1"), ("assistant", "r1")]
    runs = list(session.runs.in_order())
    assert [(run.run_id, run.total_tokens, run.is_error, run.turns) for run in runs] == [
        ("r1", 12, False, 1),
        ("r2", 1, True, 1),
        ("r3", 0, False, 1),
    ]
    assert (runs[0].agent.type, session.agent.type, runs[2].agent) == ("agent", "team", None)
    assert (session.total_tokens, session.error_count, session.last_finished_run) == (13, 1, runs[2])
    assert documents.write(project, document)[1] is Outcome.UNCHANGED


def test_a_run_that_does_not_say_its_cost_gets_the_sums_of_its_messages_wherever_they_lie(project):
    counted = {"role": "assistant", "content": "y", "usage": {"prompt_tokens": 10, "completion_tokens": 2}}
    told_again = {**counted, "from_history": True}
    enveloped = [{"payload": payload, "run_id": "r"} for payload in (counted, told_again)]
    document = {"session_id": "s", "runs": [{"run_id": "r"}], "messages": [enveloped[0], {"role": "user"}, *enveloped]}

    session, _ = documents.write(project, document)

    assert session.total_tokens == 24
    assert documents.write(project, document)[1] is Outcome.UNCHANGED


MESSAGE = {"role": "user", "content": "x"}
BAD = [
    ([], ()),
    ("text", ()),
    (None, ()),
    ({}, ("session_id",)),
    ({"session_id": None}, ("session_id",)),
    ({"session_id": 7}, ("session_id",)),
    ({"session_id": ""}, ("session_id",)),
    ({"session_id": "x" * 256}, ("session_id",)),
    ({"session_id": "a\nb"}, ("session_id",)),
    ({"session_id": "\ud800"}, ("session_id",)),
    ({"sesion_id": "s"}, ("sesion_id",)),
    ({"mesages": []}, ("mesages",)),
    ({"type": "robot"}, ("type",)),
    ({"type": ["agent"]}, ("type",)),
    ({"agent_id": ""}, ("agent_id",)),
    ({"agent_id": "a\x00"}, ("agent_id",)),
    ({"agent_name": "A"}, ("agent_name",)),
    ({"agent_id": "a", "agent_name": "\x00"}, ("agent_name",)),
    ({"model": {"id": "m"}}, ("model",)),
    ({"agent_id": "a", "model": {"size": "m"}}, ("model", "size")),
    ({"agent_id": "a", "model": {"id": "m" * 256}}, ("model", "id")),
    ({"user_id": 3}, ("user_id",)),
    ({"user_id": "u" * 256}, ("user_id",)),
    ({"user_id": "\x00"}, ("user_id",)),
    ({"name": "\x00"}, ("name",)),
    ({"metadata": []}, ("metadata",)),
    ({"metadata": {"a": "\x00"}}, ("metadata",)),
    ({"metadata": {"a": float("nan")}}, ("metadata",)),
    ({"state": nested(300)}, ("state",)),
    ({"summary": "text"}, ("summary",)),
    ({"tags": "x"}, ("tags",)),
    ({"tags": ["x", 1]}, ("tags", 1)),
    ({"tags": ["x" * 101]}, ("tags", 0)),
    ({"index_ids": [None]}, ("index_ids", 0)),
    ({"index_ids": ["\x00"]}, ("index_ids", 0)),
    ({"shared_access": "all"}, ("shared_access",)),
    ({"parent_session_id": "unknown"}, ("parent_session_id",)),
    ({"parent_session_id": "s"}, ("parent_session_id",)),
    ({"branched_at": -1}, ("branched_at",)),
    ({"branched_at": True}, ("branched_at",)),
    ({"created_at": "yesterday"}, ("created_at",)),
    ({"created_at": True}, ("created_at",)),
    ({"created_at": 1e300}, ("created_at",)),
    ({"created_at": "0001-01-01T00:00:00+10:00"}, ("created_at",)),
    ({"format": "carrier.pigeon"}, ("format",)),
    ({"format": 1}, ("format",)),
    ({"messages": {}}, ("messages",)),
    ({"messages": [MESSAGE, "x"]}, ("messages", 1)),
    ({"messages": [MESSAGE, {"content": "x"}]}, ("messages", 1, "role")),
    ({"messages": [MESSAGE, {"role": 1}]}, ("messages", 1, "role")),
    ({"messages": [MESSAGE, {"role": "user", "content": nested(300)}]}, ("messages", 1)),
    ({"messages": [{"payload": {"content": "x"}}]}, ("messages", 0, "payload", "role")),
    ({"messages": [{"payload": MESSAGE, "format": "x"}]}, ("messages", 0, "format")),
    ({"messages": [{"payload": MESSAGE, "time": 1}]}, ("messages", 0, "time")),
    ({"messages": [{"payload": MESSAGE, "run_id": "r"}]}, ("messages", 0, "run_id")),
    ({"messages": [{"payload": MESSAGE, "created_at": ""}]}, ("messages", 0, "created_at")),
    ({"runs": {}}, ("runs",)),
    ({"runs": [[]]}, ("runs", 0)),
    ({"runs": [{}]}, ("runs", 0, "run_id")),
    ({"runs": [{"run_id": "r"}, {"run_id": "r"}]}, ("runs", 1, "run_id")),
    ({"runs": [{"run_id": "r", "status": "DONE"}]}, ("runs", 0, "status")),
    ({"runs": [{"run_id": "r", "state": 1}]}, ("runs", 0, "state")),
    ({"runs": [{"run_id": "r", "agent_type": "team"}]}, ("runs", 0, "agent_type")),
    ({"runs": [{"run_id": "r", "parent_run_id": 1}]}, ("runs", 0, "parent_run_id")),
    ({"runs": [{"run_id": "r", "usage": {"input_tokens": -1}}]}, ("runs", 0, "usage", "input_tokens")),
    ({"runs": [{"run_id": "r", "usage": {"input_tokens": 2**40 + 1}}]}, ("runs", 0, "usage", "input_tokens")),
    ({"runs": [{"run_id": "r", "usage": {"tokens": 1}}]}, ("runs", 0, "usage", "tokens")),
    ({"runs": [{"run_id": "r", "duration_ms": -1}]}, ("runs", 0, "duration_ms")),
    ({"runs": [{"run_id": "r", "duration_ms": float("inf")}]}, ("runs", 0, "duration_ms")),
    ({"runs": [{"run_id": "r", "duration_ms": 10**400}]}, ("runs", 0, "duration_ms")),
    ({"runs": [{"run_id": "r", "duration_ms": "1"}]}, ("runs", 0, "duration_ms")),
    ({"runs": [{"run_id": "r", "turns": 2**31}]}, ("runs", 0, "turns")),
    ({"runs": [{"run_id": "r", "turns": 1.0}]}, ("runs", 0, "turns")),
    ({"runs": [{"run_id": "r", "is_error": 1}]}, ("runs", 0, "is_error")),
    ({"runs": [{"run_id": "r", "error": "\x00"}]}, ("runs", 0, "error")),
    ({"runs": [{"run_id": "r", "export_config_ids": "x"}]}, ("runs", 0, "export_config_ids")),
    ({"runs": [{"run_id": "r", "input": nested(300)}]}, ("runs", 0, "input")),
    ({"runs": [{"run_id": "r", "messages": [{}]}]}, ("runs", 0, "messages", 0, "role")),
    ({"runs": [{"run_id": "r", "messages": [MESSAGE, {"role": "a", "x": nested(300)}]}]}, ("runs", 0, "messages", 1)),
    (
        {"runs": [{"run_id": "q"}, {"run_id": "r", "messages": [{"payload": MESSAGE, "run_id": "q"}]}]},
        ("runs", 1, "messages", 0, "run_id"),
    ),
]


@pytest.mark.parametrize(("document", "location"), BAD)
def test_it_says_where_a_document_is_wrong(project, document, location):
    if isinstance(document, dict) and document and not {"session_id", "sesion_id"} & document.keys():
        document = {"session_id": "s", **document}

    with pytest.raises(InvalidValue) as caught:
        documents.write(project, document)

    assert caught.value.location == location
    assert caught.value.message
    assert not Session.objects.exists()


def test_more_turns_than_a_run_can_have_are_found_when_it_is_parsed():
    with pytest.raises(InvalidValue) as caught:
        parse({"session_id": "s", "runs": [{"run_id": "r", "turns": 2**31}]})
    assert caught.value.location == ("runs", 0, "turns")
    assert parse({"session_id": "s", "runs": [{"run_id": "r", "turns": 2**31 - 1}]}).runs[0]["turns"] == 2**31 - 1


def test_a_moment_in_a_message_beyond_the_calendar_is_left_alone(project):
    payload = {"role": "user", "content": "x", "created_at": "0001-01-01T00:00:00+10:00"}

    session, _ = documents.write(project, {"session_id": "s", "messages": [payload]})

    assert session.messages.get().payload == payload
    assert session.messages.get().created_at.year >= timezone.now().year - 1
