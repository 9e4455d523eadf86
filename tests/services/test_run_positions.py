"""Runs whose writer says where among the runs they belong."""

from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.exceptions import InvalidValue
from sessions_app.services import NewMessage
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    return factories.SessionFactory(project=project)


def record(session, run_id, position=None, **fields):
    run, _ = services.record_run(session=session, run_id=run_id, position=position, **fields)
    return run.position


def test_a_free_position_is_taken(session):
    assert [record(session, "a", 2), record(session, "b"), record(session, "c", 0), record(session, "d")] == [
        2,
        3,
        0,
        4,
    ]
    session.refresh_from_db()
    assert (session.run_seq, session.run_count) == (5, 4)


def test_a_taken_position_gives_the_next_free_one(session):
    assert [record(session, name, 0) for name in "abc"] == [0, 1, 2]


def test_a_run_before_the_last_one_is_not_the_newest(session):
    record(session, "a", 5, status="ERROR", messages=[NewMessage({"role": "user", "content": "later"})])
    record(session, "b", 1, status="COMPLETED", messages=[NewMessage({"role": "user", "content": "earlier"})])

    session.refresh_from_db()
    assert (session.last_run_status, session.last_finished_run.run_id) == ("ERROR", "a")
    assert session.opening == "earlier"


@pytest.mark.parametrize("position", [-1, 2**41, 1.0, True])
def test_what_is_no_position_is_refused(session, position):
    with pytest.raises(InvalidValue) as caught:
        record(session, "a", position)
    assert caught.value.location == ("position",)
