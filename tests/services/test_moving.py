from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.exceptions import InvalidValue, SessionExists, SessionNotFound
from sessions_app.models import Agent, Session, Tag
from tests import factories

pytestmark = pytest.mark.django_db

ROLLUPS = ("message_count", "run_count", "error_count", "total_tokens", "last_run_status", "last_finished_run_id")


@pytest.fixture
def session(project):
    agent = factories.AgentFactory(project=project, agent_id="a", name="Ann", model_id="m")
    session = services.create_session(
        project=project, session_id="s", agent=agent, user_id="old", tags=["vip"], name="Kept"
    )
    usage = {"input_tokens": 3}
    factories.RunFactory(session=session, agent=agent, user_id="old", usage=usage, run_id="r-1")
    other = factories.AgentFactory(project=project, agent_id="b", type=Agent.Type.TEAM)
    factories.RunFactory(session=session, agent=other, user_id="else", run_id="r-2", status="ERROR")
    session.refresh_from_db()
    return session


def test_runs_of_the_old_user_follow_to_the_new_one(session):
    moved = services.move_session(session=session, user_id="new")
    assert (moved.user_id, moved.revision) == ("new", session.revision + 1)
    assert list(moved.runs.values_list("run_id", "user_id")) == [("r-1", "new"), ("r-2", "else")]
    assert services.move_session(session=session, user_id=None).user_id is None


def test_agents_and_tags_are_made_in_the_other_project(session):
    target = factories.ProjectFactory()
    known = factories.AgentFactory(project=target, agent_id="b", type=Agent.Type.TEAM, name="Known")
    moved = services.move_session(session=session, project=target)
    assert (moved.project, moved.agent.project, moved.agent.agent_id) == (target, target, "a")
    assert (moved.agent.name, moved.agent.model_id) == ("Ann", "m")
    assert [run.agent for run in moved.runs.in_order()] == [moved.agent, known]
    assert [(tag.name, tag.project) for tag in moved.tags.all()] == [("vip", target)]
    assert Tag.objects.count() == 2
    assert {name: getattr(moved, name) for name in ROLLUPS} == {name: getattr(session, name) for name in ROLLUPS}
    assert (moved.name, moved.user_id) == ("Kept", "old")


def test_a_taken_id_moves_nothing(session):
    target = factories.ProjectFactory()
    services.create_session(project=target, session_id="s")
    before = Session.objects.filter(pk=session.pk).values().get()
    with pytest.raises(SessionExists):
        services.move_session(session=session, project=target, user_id="new")
    assert Session.objects.filter(pk=session.pk).values().get() == before
    assert set(session.runs.values_list("user_id", flat=True)) == {"old", "else"}
    assert not Agent.objects.filter(project=target).exists()


def test_branches_do_not_reach_into_another_project(session):
    services.append_messages(session=session, messages=[services.NewMessage({"role": "user", "content": "x"})])
    branch = services.branch_session(session=session, position=0)
    twig = services.branch_session(session=branch, position=0)
    target = factories.ProjectFactory()
    services.move_session(session=branch, project=target)
    for moved in Session.objects.filter(pk__in=[branch.pk, twig.pk]):
        assert (moved.parent, moved.branched_at) == (None, None)


def test_going_nowhere_changes_nothing(session):
    moved = services.move_session(session=session, project=session.project, user_id="old")
    assert moved.revision == session.revision


def test_a_user_that_no_database_keeps_is_refused(session):
    for user_id in ("a\x00", "u" * 256):
        with pytest.raises(InvalidValue):
            services.move_session(session=session, user_id=user_id)


def test_a_session_that_has_gone_is_not_found(session):
    services.delete_sessions(sessions=Session.objects.all())
    with pytest.raises(SessionNotFound):
        services.move_session(session=session, user_id="x")
