"""Rows that are made without a query."""

from __future__ import annotations

import pytest

from sessions_app.models import Message, Session
from sessions_app.statements import belong, new_row
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def test_a_row_belongs_to_what_it_is_given(session, django_assert_num_queries):
    row, other = new_row(Message), Message()
    belong(row, "session", session)
    other.session = session
    assert row.session_id == other.session_id == session.pk
    with django_assert_num_queries(0):
        assert row.session is session


def test_it_can_belong_to_another(session):
    row, another = new_row(Message), factories.SessionFactory(project=session.project)
    belong(row, "session", session)
    belong(row, "session", another)
    assert (row.session_id, row.session) == (another.pk, another)


def test_a_stored_row_belongs_where_it_is_put(session):
    found = Session.objects.defer("project").get(pk=session.pk)
    belong(found, "project", session.project)
    assert found.project is session.project
    assert found.get_deferred_fields() == set()
