"""Spans come in any order, in any pieces, and more than once: the store is the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sessions_app.models import Session
from sessions_app.telemetry.store import store_spans
from tests import factories
from tests.telemetry.traces import payloads, snapshot, span, text, turn

FIRST, HISTORY = turn(1, [text("system", "Be kind.")], inner=True)
SECOND, LATER = turn(2, HISTORY)
THIRD, END = turn(3, LATER, conversation="", inner=True)
ALL = [*FIRST, *SECOND, *THIRD, span(99, trace=4, gen_ai={"request.model": "gpt-4o"})]
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # Shrinking would take minutes.
UNHURRIED = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)


@st.composite
def batches(draw):
    order = draw(st.permutations(range(len(ALL))))
    again = draw(st.lists(st.sampled_from(range(len(ALL))), max_size=4))
    cuts = sorted(draw(st.sets(st.integers(1, len(ALL)), max_size=6)))
    sent = [*order, *again]
    return [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]


@pytest.fixture
def expected(project):
    store_spans(project=project, spans=ALL)
    return snapshot(project)


@pytest.mark.one_database
@UNHURRIED
@given(sent=batches())
def test_the_store_is_the_same(expected, sent):
    project = factories.ProjectFactory()
    for batch in sent:
        assert store_spans(project=project, spans=[ALL[i] for i in batch]) == (0, "")
    assert snapshot(project) == expected


def test_what_is_expected_is_right(project, expected):
    session = Session.objects.get(session_id="support-17")
    assert payloads(session)[:1] == [text("system", "Be kind.")]
    assert [m for m in payloads(session) if m["parts"][0].get("content", "").startswith("Where")] == [
        text("user", "Where is parcel 1?"),
        text("user", "Where is parcel 2?"),
    ]
    assert [run.parent_run_id for run in session.runs.in_order()] == [None, session.runs.in_order()[0].run_id, None]
    assert session.agent.agent_id == "Support"


def test_one_trace_may_come_by_two_keys(project, expected):
    """A key of a user and one of the whole project: what they send is derived for itself, and stored once."""
    other = factories.ProjectFactory()
    for user in ("maria", ""):
        for batch in (SECOND, FIRST):
            store_spans(project=other, spans=batch, user_id=user)
    assert Session.objects.get(project=other).user_id == "maria"
    assert payloads(Session.objects.get(project=other)) == payloads(
        Session.objects.get(project=project, session_id="support-17")
    )
