from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from sessions_app import documents, services
from sessions_app.documents import Outcome
from sessions_app.exceptions import InvalidValue, SessionNotFound
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from tests import factories

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
ROLLUPS = (
    "message_count",
    "run_count",
    "error_count",
    "last_run_status",
    "generated_title",
    "opening",
    "created_at",
    "updated_at",
    *TOKEN_FIELDS,
)


def nested(levels):
    value = "core"
    for _ in range(levels):
        value = [value]
    return value


def text_of(session):
    return "".join(documents.pieces(session))


def copy(session, project):
    """The session, exported as text and imported into ``project``."""
    copied, outcome = documents.write(project, json.loads(text_of(session)))
    assert outcome is Outcome.CREATED
    return copied


def assert_equal(session, copied):
    session.refresh_from_db()
    assert documents.document_of(copied) == documents.document_of(session)
    assert text_of(copied) == text_of(session)
    assert json.loads(text_of(session)) == documents.document_of(session)
    assert {name: getattr(copied, name) for name in ROLLUPS} == {name: getattr(session, name) for name in ROLLUPS}
    finished = session.last_finished_run
    assert (copied.last_finished_run and copied.last_finished_run.run_id) == (finished and finished.run_id)


@pytest.fixture
def other(db):
    return factories.ProjectFactory()


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


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"tags": ["x"]},
        {"metadata": {"a": 2}},
        {"state": {"b": 1, "a": 1}},
        {"state": {"a": 1.0, "b": 1}},
        {"agent_id": "b"},
        {"messages": []},
        {"messages": [{"role": "user", "content": "other"}]},
        {"messages": [{"payload": {"role": "user", "content": "x"}, "run_id": "r"}]},
        {"messages": [{"payload": {"role": "user", "content": "x"}, "created_at": 1}]},
        {"runs": [{"run_id": "r", "status": "ERROR"}]},
        {"runs": [{"run_id": "q"}]},
        {"updated_at": 1},
    ],
)
def test_it_never_changes_a_session_unasked(project, change):
    document = {
        "session_id": "s",
        "agent_id": "a",
        "metadata": {"a": 1},
        "state": {"a": 1, "b": 1},
        "messages": [{"role": "user", "content": "x"}],
        "runs": [{"run_id": "r"}],
    }
    session, _ = documents.write(project, document)
    before = documents.document_of(session)

    assert documents.write(project, document | change) == (session, Outcome.DIFFERS)
    assert documents.document_of(session) == before

    replaced, outcome = documents.write(project, document | change, replace=True)
    assert outcome is Outcome.REPLACED
    assert Session.objects.count() == 1
    assert documents.write(project, document | change) == (replaced, Outcome.UNCHANGED)


def test_what_is_known_of_an_agent_stays(project):
    document = {"session_id": "s", "agent_id": "a", "model": {"id": "new"}, "agent_name": "New"}
    services.ensure_agent(project=project, agent_id="a", name="Old", model={"id": "old"})

    documents.write(project, document)

    assert Agent.objects.values_list("name", "model_id").get() == ("Old", "old")
    assert documents.write(project, document)[1] is Outcome.UNCHANGED


def test_a_replaced_session_keeps_its_branches_and_its_place(project, other):
    parent, _ = documents.write(project, {"session_id": "p", "tags": ["x"], "messages": [{"role": "user"}]})
    branch, _ = documents.write(project, {"session_id": "b", "parent_session_id": "p", "branched_at": 0})
    changed = {"session_id": "p", "tags": ["y"], "messages": [{"role": "user"}], "runs": [{"run_id": "r"}]}

    replaced, _ = documents.write(project, changed, replace=True)

    branch.refresh_from_db()
    assert replaced.pk == parent.pk
    assert branch.parent == replaced
    assert [tag.name for tag in replaced.tags.all()] == ["y"]
    assert (Message.objects.count(), RunMetadata.objects.count()) == (1, 1)
    assert_equal(replaced, copy(replaced, other))


def test_it_leaves_out_what_is_not_there(project):
    session, _ = documents.write(project, {"session_id": "s", "created_at": 0, "runs": [{"run_id": "r"}]})
    document = documents.document_of(session)

    assert list(document) == ["session_id", "type", "created_at", "updated_at", "runs", "messages"]
    assert list(document["runs"][0]) == ["run_id", "status", "usage", "turns", "is_error", "created_at", "updated_at"]
    assert document["created_at"] == "1970-01-01T00:00:00.000000+00:00"


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


def test_a_moment_in_a_message_beyond_the_calendar_is_left_alone(project):
    payload = {"role": "user", "content": "x", "created_at": "0001-01-01T00:00:00+10:00"}

    session, _ = documents.write(project, {"session_id": "s", "messages": [payload]})

    assert session.messages.get().payload == payload
    assert session.messages.get().created_at.year >= timezone.now().year - 1


def test_what_no_document_can_hold_differs(project):
    document = {"session_id": "s", "messages": []}
    session, _ = documents.write(project, document)
    services.update_session(session=session, summary="text")

    assert documents.write(project, document)[1] is Outcome.DIFFERS
