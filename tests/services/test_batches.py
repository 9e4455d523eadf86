from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Session, Tag
from tests import factories

pytestmark = pytest.mark.django_db


def tags_of(session):
    return {tag.name for tag in session.tags.all()}


def test_tags_are_put_on_and_taken_off_in_each_project(project):
    here = services.create_session(project=project, tags=["old", "kept"])
    there = services.create_session(project=factories.ProjectFactory(), tags=["new"])
    count = services.tag_sessions(sessions=Session.objects.all(), add=["new", "new"], remove=["old", "unknown"])
    assert (count, tags_of(here), tags_of(there)) == (1, {"new", "kept"}, {"new"})
    assert {tag.project_id for tag in here.tags.all()} == {project.pk}
    assert {session.pk: session.revision for session in Session.objects.all()} == {here.pk: 1, there.pk: 0}


def test_a_name_in_both_is_put_on(project):
    session = services.create_session(project=project, tags=["a"])
    assert services.tag_sessions(sessions=Session.objects.all(), add=["a"], remove=["a"]) == 0
    assert tags_of(session) == {"a"}


def test_a_name_that_is_none_tags_nothing(project):
    session = services.create_session(project=project)
    with pytest.raises(InvalidValue):
        services.tag_sessions(sessions=Session.objects.all(), add=["good", "x" * 101])
    assert tags_of(session) == set()
    assert not Tag.objects.exists()


def test_many_sessions_are_tagged_in_as_many_queries_as_few(project):
    def queries(count):
        factories.SessionFactory.create_batch(count, project=project)
        with CaptureQueriesContext(connection) as captured:
            services.tag_sessions(sessions=Session.objects.all(), add=[f"a{count}", f"b{count}"], remove=["c"])
        return len(captured)

    assert queries(2) == queries(40) <= 13


def test_titles_are_computed_anew(project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "Where is it?"}])
    Session.objects.update(generated_title="Old", opening="Old", name="Named")
    assert services.retitle_sessions(sessions=Session.objects.all()) == 1
    session.refresh_from_db()
    assert (session.generated_title, session.opening, session.name) == ("Where is it?", "Where is it?", "Named")
    revision = session.revision
    assert services.retitle_sessions(sessions=Session.objects.all()) == 0
    session.refresh_from_db()
    assert session.revision == revision
