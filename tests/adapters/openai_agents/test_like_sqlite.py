"""Ours and the SDK's own ``SQLiteSession``, driven with the same random calls, give the same answers."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sessions_app.models import Message, Session
from tests.adapters.openai_agents.sdk import DjangoSession, SQLiteSession

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
"""Of all characters, NUL and lone surrogates too."""
SCALARS = st.none() | st.booleans() | st.integers() | st.integers(2**63, 2**200) | TEXT
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
CONTENT = TEXT | st.lists(st.fixed_dictionaries({"type": st.just("input_text"), "text": TEXT}), max_size=2) | VALUES
ROLES = st.sampled_from(["user", "user", "assistant", "system", "developer"])
ITEMS = st.one_of(
    st.fixed_dictionaries({"role": ROLES, "content": CONTENT}),
    st.fixed_dictionaries({"type": st.just("message"), "id": TEXT, "role": ROLES, "content": CONTENT}),
    st.fixed_dictionaries({"type": st.just("reasoning"), "id": TEXT, "summary": VALUES}),
    st.fixed_dictionaries({"type": st.just("function_call"), "call_id": TEXT, "name": TEXT, "arguments": CONTENT}),
    st.fixed_dictionaries({"type": st.just("function_call_output"), "call_id": TEXT, "output": CONTENT}),
    st.fixed_dictionaries({"type": TEXT | VALUES}, optional={"role": VALUES, "id": VALUES, "content": VALUES}),
    st.dictionaries(TEXT, VALUES, max_size=4),
)
LIMITS = st.none() | st.integers(-3, 6) | st.just(2**62)


class Twins(RuleBasedStateMachine):
    """Two sessions in each of the two stores."""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.ids = [str(uuid.uuid4()) for _ in range(2)]
        self.ours = [DjangoSession(session_id) for session_id in self.ids]
        self.theirs = [SQLiteSession(session_id) for session_id in self.ids]

    def both(self, which, call):
        """What both answer, as text: to Python, 1, 1.0 and True are equal, and the order of keys is nothing."""
        answers = [self.runner.run(call(session)) for session in (self.ours[which], self.theirs[which])]
        mine, reference = map(json.dumps, answers)
        assert mine == reference

    @rule(which=st.integers(0, 1), items=st.lists(ITEMS, max_size=5))
    def add_items(self, which, items):
        self.both(which, lambda session: session.add_items(items))

    @rule(which=st.integers(0, 1), limit=LIMITS)
    def get_items(self, which, limit):
        self.both(which, lambda session: session.get_items(limit))

    @rule(which=st.integers(0, 1))
    def pop_item(self, which):
        self.both(which, lambda session: session.pop_item())

    @rule(which=st.integers(0, 1))
    def clear_session(self, which):
        self.both(which, lambda session: session.clear_session())

    @rule(which=st.integers(0, 1), limit=LIMITS)
    def open_it_anew(self, which, limit):
        self.ours[which] = DjangoSession(self.ids[which], session_settings={"limit": limit})
        self.theirs[which].session_settings.limit = limit

    @invariant()
    def the_counts_are_true(self):
        for stored in Session.objects.filter(session_id__in=self.ids):
            assert stored.message_count == Message.objects.filter(session=stored).count()
            assert stored.run_count == stored.runs.count()
            assert not stored.runs.filter(messages=None).exists()

    def teardown(self):
        for session in self.theirs:
            session.close()
        self.runner.close()


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_both_answer_alike():
    kinds = settings(
        max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
    run_state_machine_as_test(Twins, settings=kinds)
