"""What our database class promises beyond agno's own, and what it refuses."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from agno.db.base import SessionType
from django.db import transaction

from sessions_app import services
from sessions_app.adapters.agno import AsyncDjangoDb, DjangoDb
from sessions_app.models import Project, Session
from tests import factories
from tests.adapters.agno.samples import run, session

pytestmark = pytest.mark.django_db


# Where it keeps


def test_without_arguments_it_keeps_in_the_oldest_project(project):
    factories.ProjectFactory()
    db = DjangoDb()
    db.upsert_session(session())
    assert Session.objects.get().project == project
    assert (db.id, AsyncDjangoDb().id) == ("default", "default")


def test_a_transaction_that_is_taken_back_takes_its_project_with_it():
    db = DjangoDb()
    with transaction.atomic():
        db.upsert_session(session())
        transaction.set_rollback(True)
    assert db.get_sessions() == []
    db.upsert_session(session())
    assert [each.session_id for each in db.get_sessions()] == ["s"]


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"start_timestamp": 10, "end_timestamp": 10}, 1),
        ({"start_timestamp": 11}, 0),
        ({"end_timestamp": 9}, 0),
        ({"start_timestamp": -5, "end_timestamp": 2**70}, 1),
        ({"start_timestamp": 2**70}, 0),
        ({"end_timestamp": -1}, 0),
    ],
)
def test_moments_bound_a_list_however_far_they_are(ours, bounds, found):
    ours.upsert_session(session(created_at=10))
    assert len(ours.get_sessions(**bounds)) == found


def test_without_any_project_it_makes_one():
    DjangoDb().upsert_session(session())
    assert Session.objects.get().project == Project.objects.get()


@pytest.mark.parametrize("named", [lambda project: project, lambda project: str(project.project_id)])
def test_projects_do_not_see_each_other(project, named):
    other = factories.ProjectFactory()
    here, there = DjangoDb(named(project)), DjangoDb(named(other))
    here.upsert_session(session(user_id="u"))
    here.upsert_run(run("r", "Hello"), "s")

    assert here.id == str(project.project_id)
    assert (there.get_session("s"), there.get_sessions(), there.get_run("r"), there.get_runs()) == (None, [], None, [])
    assert (there.delete_session("s"), there.delete_run("r")) == (False, False)
    there.upsert_session(session(user_id="v"))
    assert here.get_session("s").user_id == "u"


def test_it_is_made_anew_from_what_it_says_of_itself(project):
    for kind in (DjangoDb, AsyncDjangoDb):
        again = kind.from_dict(kind(project, memory_table="m").to_dict())
        assert (again.id, again.memory_table_name) == (str(project.project_id), "m")


@pytest.mark.parametrize("name", ["db_url", "db_file", "db_engine", "session_table", "runs_table"])
@pytest.mark.parametrize("kind", [DjangoDb, AsyncDjangoDb])
def test_arguments_that_would_mean_another_place_are_refused(kind, name):
    with pytest.raises(TypeError, match=rf"keeps sessions in Django's own tables, so {name}='x' cannot say where"):
        kind(**{name: "x"})


@pytest.mark.parametrize(
    ("place", "sentence"),
    [({"project": "no uuid"}, "badly formed"), ({"using": "nowhere"}, "'nowhere' is not among Django's DATABASES")],
)
def test_places_that_are_none_are_refused(place, sentence):
    with pytest.raises(ValueError, match=sentence):
        DjangoDb(**place)


def test_a_project_of_one_database_kept_in_another(project, elsewhere):
    copy = Project.objects.using(elsewhere).create(pk=project.pk + 1, name="Copy", project_id=project.project_id)
    db = DjangoDb(project, using=elsewhere)
    db.upsert_session(session())
    assert [each.session_id for each in db.get_sessions()] == ["s"]
    assert Session.objects.using(elsewhere).get().project_id == copy.pk
    assert not Session.objects.exists()


def test_a_project_that_is_not_there_is_an_error():
    with pytest.raises(Project.DoesNotExist):
        DjangoDb(str(uuid.uuid4())).get_sessions()


# What it does not keep


@pytest.mark.parametrize(
    "name", ["clear_memories", "get_metrics", "get_knowledge_content", "get_trace", "get_learnings"]
)
def test_what_it_does_not_keep_is_said_in_a_sentence(name):
    with pytest.raises(NotImplementedError, match=f"^DjangoDb keeps sessions and runs; {name} belongs to"):
        getattr(DjangoDb(), name)()
    with pytest.raises(NotImplementedError, match=f"^AsyncDjangoDb keeps sessions and runs; {name} belongs to"):
        asyncio.run(getattr(AsyncDjangoDb(), name)())


def test_its_tables_are_there():
    known = [DjangoDb().table_exists(name) for name in ("agno_sessions", "agno_runs", "agno_memories")]
    assert known == [True, True, False]


# Who may write


def test_another_users_session_is_not_written(ours):
    ours.upsert_session(session(user_id="u", metadata={"a": 1}))

    assert ours.upsert_session(session(user_id="v", metadata={"a": 2})) is None
    assert ours.upsert_session(session(metadata={"a": 2})) is None
    assert ours.upsert_sessions([session(user_id="v"), session("t", user_id="v")])[0].session_id == "t"
    assert ours.rename_session("s", SessionType.AGENT, "x", user_id="v") is None
    assert ours.get_session("s", user_id="v") is None
    assert ours.delete_session("s", user_id="v") is False
    assert ours.get_session("s").metadata == {"a": 1}


def test_an_unowned_session_takes_its_writers_user(ours):
    ours.upsert_session(session())
    assert ours.upsert_session(session(user_id="v")).user_id == "v"


# What parallel writers do


def test_an_old_object_changes_only_what_its_holder_changed(ours):
    data = {"session_state": {"a": 1}, "session_metrics": {"total_tokens": 10}, "session_name": "old"}
    ours.upsert_session(session(session_data=data, metadata={"x": 1}))
    one, two = ours.get_session("s"), ours.get_session("s")
    one.session_data = {**data, "session_state": {"a": 1, "b": 2}, "session_metrics": {"total_tokens": 15}}
    two.session_data = {**data, "session_state": {"a": 1, "c": 3}, "session_metrics": {"total_tokens": 17}}
    two.session_data["session_name"] = "new"
    two.metadata = {"x": 1, "y": 2}

    ours.upsert_session(two)
    merged = ours.upsert_session(one)

    assert merged.session_data["session_state"] == {"a": 1, "b": 2, "c": 3}
    assert merged.session_data["session_metrics"] == {"total_tokens": 22}
    assert (merged.session_data["session_name"], merged.metadata) == ("new", {"x": 1, "y": 2})
    one.session_data["session_state"]["d"] = 4  # What it held was remembered anew.
    assert ours.upsert_session(one).session_data["session_metrics"] == {"total_tokens": 22}


def test_an_object_that_was_not_handed_out_replaces_the_row(ours):
    ours.upsert_session(session(session_data={"session_state": {"a": 1}}, metadata={"x": 1}))
    ours.upsert_session(session(session_data={"session_state": {"b": 2}}))
    stored = ours.get_session("s")
    assert (stored.session_data, stored.metadata) == ({"session_state": {"b": 2}}, None)


def test_two_that_both_found_nothing_both_count(ours):
    assert ours.get_session("s") is None
    counted = {"session_data": {"session_metrics": {"n": 5}}}
    services.create_session(project=ours.project, session_id="s", state={"theirs": 1}, details=counted)
    ours.upsert_session(session(session_data={"session_state": {"mine": 1}, "session_metrics": {"n": 2}}))
    data = ours.get_session("s").session_data
    assert (data["session_state"], data["session_metrics"]) == ({"theirs": 1, "mine": 1}, {"n": 7})


def test_a_place_among_the_runs_is_set_once(ours):
    ours.upsert_session(session())
    for run_id, index in (("a", 0), ("b", 0), ("c", None), ("a", 7)):
        ours.upsert_run(run(run_id), "s", run_index=index)
    rows, _ = ours.get_runs(session_id="s", deserialize=False)
    assert [(row["run_id"], row["run_index"]) for row in rows] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_run_id_belongs_to_its_session(ours):
    for session_id in "st":
        ours.upsert_session(session(session_id))
        ours.upsert_run(run("r", session_id), session_id)
    assert len(ours.get_runs(deserialize=False)[0]) == 2
    assert ours.get_run("r").messages[0].content == "t"
    assert ours.delete_run("r")
    assert ours.get_runs() == []
