"""What becomes of items that come without a run of the SDK."""

from __future__ import annotations

import pytest

from sessions_app.models import Message, RunMetadata, Session
from tests.adapters.openai_agents.sdk import DjangoSession, said
from tests.adapters.openai_agents.sdk import in_transaction as wait_for

pytestmark = pytest.mark.django_db


class TestRuns:
    """Items without a run of the SDK: whoever says something after the agent did begins a new one."""

    def test_turns_become_runs(self):
        wait_for(
            DjangoSession("s").add_items([*said("a", "b", "c"), {"role": "user", "content": "d"}, *said("e", "f")[1:]])
        )
        runs = list(RunMetadata.objects.in_order())
        assert [[message.text for message in run.messages.in_order()] for run in runs] == [["a", "b"], ["c", "d", "f"]]
        assert [(run.status, run.content) for run in runs] == [("COMPLETED", "b"), ("COMPLETED", "f")]

    def test_a_run_runs_until_something_answers(self):
        session = DjangoSession("s")
        wait_for(session.add_items(said("a")))
        assert (RunMetadata.objects.get().status, Session.objects.get().last_run_status) == ("RUNNING", "RUNNING")
        wait_for(session.add_items(said("a", "b")[1:]))
        assert (RunMetadata.objects.get().status, RunMetadata.objects.get().content) == ("COMPLETED", "b")
        assert Session.objects.get().last_run_status == "COMPLETED"

    def test_an_answer_and_further_turns_may_come_at_once(self):
        session = DjangoSession("s")
        wait_for(session.add_items(said("a")))
        wait_for(session.add_items(said(*"abcdef")[1:]))
        runs = list(RunMetadata.objects.in_order())
        assert [[message.text for message in run.messages.in_order()] for run in runs] == [
            ["a", "b"],
            ["c", "d"],
            ["e", "f"],
        ]
        assert (Session.objects.get().message_count, Session.objects.get().run_count) == (6, 3)

    def test_an_answer_without_a_question_is_in_no_run(self):
        wait_for(DjangoSession("s").add_items(said("a", "b")[1:]))
        assert not RunMetadata.objects.exists()
        assert Message.objects.get().run is None

    def test_popping_takes_the_run_back_too(self):
        session = DjangoSession("s")
        wait_for(session.add_items([*said("a", "b"), *said("c", "d")]))
        wait_for(session.pop_item())
        assert [(run.status, run.content) for run in RunMetadata.objects.in_order()] == [
            ("COMPLETED", "b"),
            ("RUNNING", None),
        ]
        wait_for(session.pop_item())
        assert RunMetadata.objects.get().content == "b"
        assert Session.objects.get().run_count == 1
