"""How many statements a turn of an agent sends, with those that begin and end its transactions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.adapters.agno import samples

BEGIN, END = 1, 1
LOOK_UP_AND_LOCK = 1
AGENT = int(connection.vendor == "mysql")
"""Which would lock it as well, joined with its session."""
RUN = {"postgresql": 1, "sqlite": 3, "mysql": 4}[connection.vendor]
"""PostgreSQL stores all in one statement; MariaDB cannot find out by an INSERT that just this run is there already."""


@pytest.fixture
def statements():
    def count(write, *arguments, **more):
        with CaptureQueriesContext(connection) as queries:
            write(*arguments, **more)
        return len(queries)

    return count


@pytest.fixture
def known(ours):
    ours.upsert_session(samples.session())
    ours.upsert_run(samples.run("first", "hi"), "s")
    return ours


def test_a_session_is_changed_by_one_statement_after_its_look_up(known, statements):
    assert statements(known.upsert_session, samples.session()) == BEGIN + LOOK_UP_AND_LOCK + AGENT + 1 + END


def test_one_that_was_read_costs_no_more(known, statements):
    assert statements(known.upsert_session, known.get_session("s")) == BEGIN + LOOK_UP_AND_LOCK + AGENT + 1 + END


@pytest.mark.parametrize("count", [1, 30])
def test_a_run_is_recorded_by_as_few_however_many_messages_it_has(known, statements, count):
    run = samples.run("new", *map(str, range(count)))
    assert statements(known.upsert_run, run, "s") == BEGIN + LOOK_UP_AND_LOCK + AGENT + RUN + END


def test_a_longer_session_costs_no_more(known, statements):
    for number in range(20):
        known.upsert_run(samples.run(str(number), "hi", "you"), "s")
    assert statements(known.upsert_run, samples.run("new", "hi"), "s") == BEGIN + LOOK_UP_AND_LOCK + AGENT + RUN + END
    assert statements(known.upsert_session, samples.session()) == BEGIN + LOOK_UP_AND_LOCK + AGENT + 1 + END
