"""Many exporters at once: the same batch, pieces of one trace, turns of one conversation."""

from __future__ import annotations

from functools import partial

import pytest

from sessions_app.telemetry.store import store_spans
from tests import factories
from tests.telemetry.traces import snapshot, text, turn
from tests.together import all_of

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, HISTORY = turn(1, [text("system", "Be kind.")], inner=True)
SECOND, _ = turn(2, HISTORY)


@pytest.fixture
def expected(db):
    project = factories.ProjectFactory()
    store_spans(project=project, spans=[*FIRST, *SECOND])
    return snapshot(project)


@pytest.mark.parametrize(
    "batches",
    [
        [[*FIRST, *SECOND]] * 6,
        [[span] for span in FIRST] + [SECOND],
        [FIRST, SECOND],
        [FIRST[::2] + SECOND[::2], FIRST[1::2] + SECOND[1::2], FIRST, SECOND],
    ],
    ids=["the same batch", "each span alone", "two turns", "pieces of both"],
)
def test_the_store_is_the_same(project, expected, batches):
    told = all_of(*[partial(store_spans, project=project, spans=batch) for batch in batches])
    assert told == [(0, "")] * len(batches)
    assert snapshot(project) == expected
