"""Many exporters at once: the same batch, pieces of one trace, turns of one conversation."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from sessions_app.telemetry.store import store_spans
from tests import factories
from tests.telemetry.traces import snapshot, text, turn

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, HISTORY = turn(1, [text("system", "Be kind.")], inner=True)
SECOND, _ = turn(2, HISTORY)


def at_once(project, batches):
    problems, barrier = [], threading.Barrier(len(batches))

    def send(batch):
        try:
            barrier.wait()
            assert store_spans(project=project, spans=batch) == (0, "")
        except BaseException as error:  # Told in the test's own thread.
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


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
    at_once(project, batches)
    assert snapshot(project) == expected
