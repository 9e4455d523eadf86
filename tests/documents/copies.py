"""Sessions that were written back from their documents, and whether they are equal."""

from __future__ import annotations

import json

from sessions_app import documents
from sessions_app.documents import Outcome
from tests.services.counts import ROLLUPS

COPIED = {*ROLLUPS, "created_at", "updated_at"} - {"last_finished_run_id"}
"""A copy has runs of its own."""


def text_of(session):
    return "".join(documents.pieces(session))


def copy(session, project):
    """The session, exported as text and imported into ``project``."""
    copied, outcome = documents.write(project, json.loads(text_of(session)))
    assert outcome is Outcome.CREATED
    return copied


def assert_equal(session, copied):
    session.refresh_from_db()
    assert documents.document_of(copied) == documents.document_of(session)
    assert text_of(copied) == text_of(session)
    assert json.loads(text_of(session)) == documents.document_of(session)
    assert {name: getattr(copied, name) for name in COPIED} == {name: getattr(session, name) for name in COPIED}
    finished = session.last_finished_run
    assert (copied.last_finished_run and copied.last_finished_run.run_id) == (finished and finished.run_id)
