"""Where the sessions of ``DjangoSession`` lie, and whose they are."""

from __future__ import annotations

import uuid

import pytest

from sessions_app.exceptions import InvalidValue, SessionNotFound
from sessions_app.models import Project, RunMetadata, Session
from tests import factories
from tests.adapters.openai_agents.sdk import DjangoSession, said
from tests.adapters.openai_agents.sdk import in_transaction as wait_for

pytestmark = pytest.mark.django_db


class ReadsElsewhere:
    """A site with a copy of its database to read from, which lags behind."""

    def db_for_read(self, model, **hints):
        raise AssertionError("the copy was asked")

    def db_for_write(self, model, **hints):
        return "default"


class TestWhereItLies:
    def test_in_the_default_project(self):
        project = factories.ProjectFactory()
        factories.ProjectFactory()
        wait_for(DjangoSession("s").add_items(said("a")))
        assert Session.objects.get().project == project

    def test_in_a_project_of_its_own_making(self):
        wait_for(DjangoSession("s").add_items(said("a")))
        assert Session.objects.get().project == Project.objects.get()

    @pytest.mark.parametrize("named", [lambda p: p, lambda p: p.project_id, lambda p: str(p.project_id)])
    def test_in_a_project_that_is_named(self, named):
        factories.ProjectFactory()
        project = factories.ProjectFactory()
        session = DjangoSession("s", project=named(project), using="default")
        wait_for(session.add_items(said("a")))
        assert Session.objects.get().project == project
        assert wait_for(DjangoSession("s").get_items()) == []

    def test_in_another_database_than_the_project_came_from(self, elsewhere):
        project = factories.ProjectFactory()
        copy = Project.objects.using(elsewhere).create(pk=project.pk + 1, name="Copy", project_id=project.project_id)
        session = DjangoSession("s", project=project, using=elsewhere)
        wait_for(session.add_items(said("a")))
        assert wait_for(session.get_items()) == said("a")
        assert Session.objects.using(elsewhere).get().project_id == copy.pk
        assert not Session.objects.exists()

    def test_where_the_site_writes_and_not_where_it_reads(self, settings):
        settings.DATABASE_ROUTERS = [ReadsElsewhere()]
        wait_for(DjangoSession("s").add_items(said("a")))
        assert wait_for(DjangoSession("s").get_items()) == said("a")

    @pytest.mark.parametrize("project", [uuid.uuid4(), "no such project"])
    def test_not_in_a_project_that_is_not_there(self, project):
        with pytest.raises(InvalidValue, match="no such project"):
            wait_for(DjangoSession("s", project=project).get_items())

    def test_with_its_user_and_agent(self):
        wait_for(DjangoSession("s", user_id="maria", agent_id="support").add_items(said("a")))
        session, run = Session.objects.get(), RunMetadata.objects.get()
        assert (session.user_id, session.agent.agent_id) == ("maria", "support")
        assert (run.user_id, run.agent) == ("maria", session.agent)

    def test_a_session_of_another_user_is_not_there(self):
        wait_for(DjangoSession("s", user_id="maria").add_items(said("a")))
        theirs = DjangoSession("s", user_id="eve")
        for attempt in (theirs.get_items, theirs.pop_item, theirs.clear_session, lambda: theirs.add_items(said("b"))):
            with pytest.raises(SessionNotFound):
                wait_for(attempt())
        assert wait_for(DjangoSession("s").get_items()) == said("a")

    def test_nobodys_session_is_everybodys(self):
        wait_for(DjangoSession("s").add_items(said("a")))
        assert wait_for(DjangoSession("s", user_id="maria").get_items()) == said("a")
