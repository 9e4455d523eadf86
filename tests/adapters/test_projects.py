from __future__ import annotations

import uuid

import pytest

from sessions_app.adapters.projects import find_project
from sessions_app.models import Project


def test_a_project_of_the_database_is_not_looked_up(project, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_project(project, "default") is project


@pytest.mark.parametrize("named", [lambda p: p, lambda p: p.project_id, lambda p: str(p.project_id)])
def test_each_database_has_its_own_row_of_a_project(project, elsewhere, named):
    copy = Project.objects.using(elsewhere).create(pk=project.pk + 1, name="Copy", project_id=project.project_id)
    for using, own in (("default", project), (elsewhere, copy)):
        found = find_project(named(project), using)
        assert (found.pk, found.name, found._state.db) == (own.pk, own.name, using)


def test_the_default_one_is_the_databases_own(project, elsewhere):
    made = find_project(None, elsewhere)
    assert (made.name, made._state.db) == ("Default", elsewhere)
    assert find_project(None, "default") == project


@pytest.mark.parametrize("named", [lambda p: p, lambda p: p.project_id, lambda p: str(uuid.uuid4())])
def test_one_that_the_database_does_not_have(project, elsewhere, named):
    with pytest.raises(Project.DoesNotExist):
        find_project(named(project), elsewhere)


def test_what_is_no_id(db):
    with pytest.raises(ValueError, match="badly formed"):
        find_project("no such project", "default")
