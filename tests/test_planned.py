"""Writes go as text where PostgreSQL plans them once: what is read again must be what was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection, transaction

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
