"""Writes go as text where PostgreSQL plans them once: what is read again must be what was given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, DataError, connection, connections, transaction

from sessions_app import planned
from sessions_app.models import RunMetadata, Session
from sessions_app.statements import update
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("duration", [0.1, 1e-07, 123456789.123, 1e15, None])
def test_numbers_are_kept(duration):
    run = factories.RunFactory(duration_ms=duration, turns=2**31 - 1, usage={"input_tokens": 2**40}, is_error=True)
    stored = RunMetadata.objects.get(pk=run.pk)
    assert (stored.duration_ms, stored.turns, stored.is_error) == (duration, 2**31 - 1, True)
    assert (stored.input_tokens, stored.total_tokens) == (2**40, 2**40)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45))])
def test_moments_are_kept(zone):
    moment = datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=zone)
    run = factories.RunFactory(created_at=moment)
    assert RunMetadata.objects.get(pk=run.pk).created_at == moment


def test_json_columns_are_kept():
    session = factories.SessionFactory()
    update(session, added={}, changed={"metadata": {"a": [1, None, "%s $1"]}, "index_ids": None, "state": {"s": "ä"}})
    assert Session.objects.filter(metadata={"a": [1, None, "%s $1"]}, index_ids__isnull=True).get().state == {"s": "ä"}


def test_a_value_that_does_not_fit_is_an_error_of_django():
    if connection.vendor != "postgresql":
        pytest.skip("The others cut it, keep it, or say so otherwise")
    session = factories.SessionFactory()
    with pytest.raises(DataError), transaction.atomic():
        update(session, added={"total_tokens": 2**63}, changed={})
    with pytest.raises(DataError), transaction.atomic():
        update(session, added={}, changed={"type": "x" * 300})


class TestWhoeverWatchesSeesAll:
    """Reads go by Django's cursors where somebody has a part in these."""

    def test_a_backend_with_cursors_of_its_own(self, monkeypatch):
        factories.SessionFactory()
        seen = []

        class Tenants(type(connections["default"])):
            def _cursor(self, name=None):
                seen.append(name)
                return super()._cursor(name)

        monkeypatch.setattr(connections["default"], "__class__", Tenants)
        assert [*planned.fetch("SELECT 1", [], connections["default"])] == [(1,)]
        assert seen

    def test_a_cursor_that_somebody_has_put_there(self, monkeypatch):
        seen, real = [], connections["default"].cursor
        monkeypatch.setattr(connections["default"], "cursor", lambda: seen.append(1) or real(), raising=False)
        assert [*planned.fetch("SELECT 1", [], connections["default"])] == [(1,)]
        assert seen

    def test_another_thread_s_connection_is_refused(self):
        used = connections["default"]
        used.ensure_connection()
        with ThreadPoolExecutor(1) as other, pytest.raises(DatabaseError, match="thread"):
            other.submit(planned.fetch, "SELECT 1", [], used).result()


def test_percents_that_are_no_places():
    assert [*planned.fetch("SELECT '%%s', '100%%', %s", ["x"], connections["default"])] == [("%s", "100%", "x")]
