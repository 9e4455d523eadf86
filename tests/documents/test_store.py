"""What becomes of a document whose session is there already."""

from __future__ import annotations

import pytest

from sessions_app import documents, services
from sessions_app.documents import Outcome
from sessions_app.models import Agent, Message, RunMetadata, Session
from tests.documents.copies import assert_equal, copy


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


def test_what_no_document_can_hold_differs(project):
    document = {"session_id": "s", "messages": []}
    session, _ = documents.write(project, document)
    services.update_session(session=session, summary="text")

    assert documents.write(project, document)[1] is Outcome.DIFFERS
