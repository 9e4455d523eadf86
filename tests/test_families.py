"""A run, its messages and its session's sums: stored together, on PostgreSQL by one statement."""

from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage
from sessions_app.statements import MAX_ROWS
from tests import factories

pytestmark = pytest.mark.django_db


def said(count):
    return [
        NewMessage({"role": "user", "content": f"{number}: \u00e4 \U0001f600 'quoted' %s $1"})
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 2, 40, MAX_ROWS + 1])
def test_instances_know_what_is_stored(count):
    session = factories.SessionFactory(messages=[{"role": "user", "content": "before"}])
    run, _ = services.record_run(session=session, run_id="r", messages=said(count), duration_ms=0.1, is_error=True)
    stored = list(Message.objects.filter(run=run).in_order())
    assert [(row.pk, row.position, row.payload) for row in stored] == [
        (row.pk, row.position, row.payload) for row in run.new_messages
    ]
    assert {row.run for row in run.new_messages} <= {run}
    for row in (run, run.session):
        known = {name: value for name, value in vars(row).items() if name in {f.attname for f in row._meta.fields}}
        assert known == type(row).objects.filter(pk=row.pk).values(*known).get()


def test_one_that_is_there_stays_as_it_is():
    session = factories.SessionFactory()
    first, _ = services.record_run(session=session, run_id="r", messages=said(1), duration_ms=1.5)
    before = [list(model.objects.values()) for model in (Session, RunMetadata, Message)]
    again, is_new = services.record_run(session=session, run_id="r", messages=said(3), duration_ms=2.5)
    assert (again, is_new) == (first, False)
    assert [list(model.objects.values()) for model in (Session, RunMetadata, Message)] == before


def test_a_run_before_others_is_not_the_last():
    session = factories.SessionFactory()
    services.record_run(session=session, run_id="late", position=5)
    run, _ = services.record_run(session=session, run_id="early", position=2, status="ERROR", messages=said(2))
    session.refresh_from_db()
    assert (session.last_finished_run.run_id, session.last_run_status) == ("late", "COMPLETED")
    assert (session.run_seq, session.message_count, run.position) == (6, 2, 2)
