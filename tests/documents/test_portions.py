"""Documents written together: each has the fate that it would have alone."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from sessions_app import documents, services, statements
from sessions_app.documents import Outcome
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Agent, Message, RunMetadata, Session, Tag
from sessions_app.services import rollups
from tests import factories
from tests.services.counts import ROLLUPS, recounted
from tests.values import without_moments


def user(text, **extra):
    return {"role": "user", "content": text, **extra}


def said(text, run_id=None):
    return {"payload": user(text), **({"run_id": run_id} if run_id else {})}


def named(session_id, **values):
    return {"session_id": session_id, "messages": [user(f"Hello {session_id}")], **values}


def outcomes(results):
    return [result.message if isinstance(result, InvalidValue) else result[1] for result in results]


VARIED = [
    named("plain"),
    {"session_id": "empty"},
    named("tagged", tags=["b", "a"], agent_id="helper", model={"id": "m"}, metadata={"a": 1}),
    {"session_id": "input", "runs": [{"run_id": "1", "input": {"q": 1}}, {"run_id": "2", "status": "PENDING"}]},
    {
        "session_id": "team",
        "type": "team",
        "runs": [
            {"run_id": "0", "parent_run_id": "1", "agent_id": "member", "input": "inner", "usage": {"input_tokens": 4}},
            {"run_id": "1", "status": "ERROR", "agent_id": "team", "agent_type": "team"},
        ],
        "messages": [said("inner", "0"), said("outer", "1"), user("outside", usage={"prompt_tokens": 5})],
    },
    {
        "session_id": "workflow",
        "type": "workflow",
        "runs": [{"run_id": "1", "input": {"topic": "x"}, "messages": [user("Step")]}],
        "messages": [user("First", from_history=True)],
    },
    {
        "session_id": "back and forth",
        "runs": [{"run_id": "1"}, {"run_id": "2", "input": "b"}],
        "messages": [said("", "1"), said("two", "2"), said("one", "1"), user("outside")],
    },
]


def test_each_comes_out_as_if_it_were_alone(project):
    other = factories.ProjectFactory()

    together = [session for session, _ in documents.write_portion(project, VARIED)]
    alone = [documents.write(other, document)[0] for document in VARIED]

    for one, another in zip(together, alone, strict=True):
        assert without_moments(documents.document_of(one)) == without_moments(documents.document_of(another))


def test_the_rollups_are_those_that_recounting_gives(project):
    for session, _ in documents.write_portion(project, VARIED):
        stored = Session.objects.values(*ROLLUPS).get(pk=session.pk)
        assert stored == recounted(session)
        session.refresh_from_db()
        assert session.message_seq == session.messages.count()
        assert session.run_seq == session.runs.count()


def test_the_rollups_are_those_of_writing_step_by_step(project):
    session = services.create_session(project=project, session_id="steps", type="team")
    for run_id, text, parent in (("0", "inner", "1"), ("1", "outer", None)):
        message = services.NewMessage(user(text, usage={"prompt_tokens": 3}))
        services.record_run(session=session, run_id=run_id, parent_run_id=parent, messages=[message], status="ERROR")
    services.append_messages(session=session, messages=[services.NewMessage(user("outside", from_history=True))])
    session.refresh_from_db()

    copied, _ = documents.write(factories.ProjectFactory(), documents.document_of(session))

    columns = (*(name for name in ROLLUPS if name != "last_finished_run_id"), "message_seq", "run_seq", "updated_at")
    assert {name: getattr(copied, name) for name in columns} == {name: getattr(session, name) for name in columns}
    assert copied.last_finished_run.run_id == session.last_finished_run.run_id


def test_a_bad_one_spoils_only_itself(project):
    bad = named("two", agent_id="nobody", tags=["lonely"], metadata={"a": "\x00"})

    results = documents.write_portion(project, [named("one"), bad, named("three")])

    assert outcomes(results) == [Outcome.CREATED, "Null characters are not allowed here", Outcome.CREATED]
    assert results[1].location == ("metadata",)
    assert set(Session.objects.values_list("session_id", flat=True)) == {"one", "three"}
    assert not Agent.objects.exists()
    assert not Tag.objects.exists()


def test_nothing_behind_a_bad_one_is_kept_when_told_to_stop(project):
    results = documents.write_portion(project, [named("one"), named("two", nonsense=1), named("three")], stops=True)

    assert outcomes(results) == [Outcome.CREATED, "Unknown key"]
    assert Session.objects.get().session_id == "one"


def test_what_nobody_could_read_stays_an_error(project):
    unreadable = InvalidValue("Not JSON")

    assert documents.write_portion(project, [named("one"), unreadable])[1] is unreadable


@pytest.mark.parametrize("replace", [False, True])
def test_one_session_several_times_in_a_portion(project, replace):
    grown = named("one", messages=[user("Hello one"), user("More")])
    again = [named("one"), named("one"), grown, named("two"), grown]

    results = documents.write_portion(project, again, replace=replace)

    third, last = (Outcome.REPLACED, Outcome.UNCHANGED) if replace else (Outcome.DIFFERS, Outcome.DIFFERS)
    assert outcomes(results) == [Outcome.CREATED, Outcome.UNCHANGED, third, Outcome.CREATED, last]
    assert Session.objects.count() == 2
    assert Session.objects.get(session_id="one").message_count == 1 + replace


def test_parents_and_branches_in_one_portion(project):
    documents.write(project, named("stored"))
    tree = [
        named("parent"),
        named("child", parent_session_id="parent", branched_at=0),
        named("grandchild", parent_session_id="child"),
        named("of stored", parent_session_id="stored"),
        named("too early", parent_session_id="late"),
        named("late"),
        named("bad", nonsense=1),
        named("of bad", parent_session_id="bad"),
    ]

    results = documents.write_portion(project, tree)

    unknown = "The project has no such other session"
    assert outcomes(results) == [*[Outcome.CREATED] * 4, unknown, Outcome.CREATED, "Unknown key", unknown]
    rows = list(Session.objects.order_by("pk").values_list("session_id", "parent__session_id"))
    assert rows == [
        *(("stored", None), ("parent", None), ("child", "parent"), ("grandchild", "child"), ("of stored", "stored")),
        ("late", None),
    ]
    assert Session.objects.get(session_id="child").branched_at == 0


def test_replaced_parents_and_branches_find_each_other(project):
    tree = [named("a"), named("b", parent_session_id="a"), named("c", parent_session_id="b"), named("d")]
    keys = [session.pk for session, _ in documents.write_portion(project, tree)]
    changed = [
        named("c", parent_session_id="b", name="new"),
        named("new", parent_session_id="a"),
        named("a", name="new"),
        named("d", parent_session_id="new"),
    ]

    results = documents.write_portion(project, changed, replace=True)

    assert outcomes(results) == [Outcome.REPLACED, Outcome.CREATED, Outcome.REPLACED, Outcome.REPLACED]
    parents = dict(Session.objects.values_list("session_id", "parent__session_id"))
    assert parents == {"a": None, "b": "a", "c": "b", "d": "new", "new": "a"}
    assert sorted(keys) == sorted(Session.objects.exclude(session_id="new").values_list("pk", flat=True))
    assert (Message.objects.count(), RunMetadata.objects.count()) == (5, 0)


def test_an_agent_is_made_once_of_all_that_is_said_of_it(project):
    services.ensure_agent(project=project, agent_id="known", name="Known")
    mentions = [
        named("1", agent_id="a"),
        named("2", agent_id="a", agent_name="First", model={"id": "m1"}),
        named("3", agent_id="a", agent_name="Second", model={"id": "m2", "provider": "P"}),
        named("4", agent_id="known", agent_name="Other", model={"name": "N"}),
        named("5", runs=[{"run_id": "r", "agent_id": "a", "agent_type": "team"}]),
    ]

    documents.write_portion(project, mentions)

    columns = ("agent_id", "type", "name", "model_provider", "model_name", "model_id")
    assert sorted(Agent.objects.values_list(*columns)) == [
        ("a", "agent", "First", "P", "", "m1"),
        ("a", "team", "", "", "", ""),
        ("known", "agent", "Known", "", "N", ""),
    ]
    assert Session.objects.filter(agent__agent_id="a").count() == 3
    assert RunMetadata.objects.get().agent.type == "team"


def test_what_the_database_refuses_is_written_one_by_one(project, monkeypatch):
    """As where somebody else writes one of the sessions between our look and our insert."""
    genuine, calls = statements.insert_many, []

    def refuse_many(rows, *, using):
        if rows and isinstance(rows[0], Session):
            calls.append(len(rows))
            if len(rows) > 1:
                genuine(rows, using=using)
                raise IntegrityError("two of a kind")
        genuine(rows, using=using)

    monkeypatch.setattr("sessions_app.services.portions.insert_many", refuse_many)

    results = documents.write_portion(project, [named("one"), named("two", nonsense=1), named("three")])

    assert outcomes(results) == [Outcome.CREATED, "Unknown key", Outcome.CREATED]
    assert calls == [2, 1, 1]
    assert Session.objects.count() == 2


def test_more_sessions_are_no_more_statements(project):
    def statements(numbers):
        given = [
            named(f"{n}", agent_id="a", tags=["t"], runs=[{"run_id": "r", "agent_id": "b"}], state={"n": n})
            for n in numbers
        ]
        with CaptureQueriesContext(connection) as captured:
            documents.write_portion(project, given)
        return len(captured)

    statements(range(1))
    assert statements(range(1, 3)) == statements(range(3, 103))
    assert Session.objects.count() == 103


def test_rows_know_their_keys(project):
    (session, _), *_ = documents.write_portion(project, VARIED)

    rollups.recount(rollups.lock(session))
    assert session.messages.get().text == "Hello plain"
