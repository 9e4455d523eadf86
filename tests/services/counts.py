"""What a session counts of its rows, as it is kept and as it would be counted anew."""

from __future__ import annotations

from django.db import transaction

from sessions_app.models import Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import rollups

ROLLUPS = (
    "message_count",
    "run_count",
    "error_count",
    "last_run_status",
    "last_finished_run_id",
    "generated_title",
    "opening",
    *TOKEN_FIELDS,
)


def kept(session):
    return Session.objects.values(*ROLLUPS).get(pk=session.pk)


def recounted(session):
    """The rollups as computed from the rows, without keeping them."""
    with transaction.atomic():
        rollups.recount(rollups.lock(session))
        found = kept(session)
        transaction.set_rollback(True)
    return found
