"""What several make at once is made once."""

from __future__ import annotations

import pytest

from sessions_app import exceptions, services
from sessions_app.models import Agent, Session, Tag
from tests import factories
from tests.services.samples import said
from tests.together import WRITERS, failures, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_run_recorded_eight_times_is_stored_once():
    session = factories.SessionFactory()
    outcomes = together(
        *[
            lambda w=w: services.record_run(session=session, run_id="same", messages=[said(f"writer {w}", 7)])
            for w in range(WRITERS)
        ]
    )
    assert failures(outcomes) == []
    assert sorted(created for _, created in outcomes) == [False] * (WRITERS - 1) + [True]
    assert len({run.pk for run, _ in outcomes}) == 1
    session.refresh_from_db()
    assert (session.run_count, session.message_count, session.total_tokens) == (1, 1, 8)
    winner = next(number for number, (_, created) in enumerate(outcomes) if created)
    assert [message.payload["content"] for message in session.messages.all()] == [f"writer {winner}"]


def test_one_session_created_eight_times_exists_once():
    project = factories.ProjectFactory()
    outcomes = together(
        *[
            lambda w=w: services.create_session(project=project, session_id="same", user_id=f"user {w}", tags=["new"])
            for w in range(WRITERS)
        ]
    )
    assert [type(error) for error in failures(outcomes)] == [exceptions.SessionExists] * (WRITERS - 1)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    assert Session.objects.get().user_id == winner.user_id
    assert [tag.name for tag in winner.tags.all()] == ["new"]


def test_get_or_create_and_first_mention_of_an_agent_agree():
    project = factories.ProjectFactory()

    def start(writer):
        agent = services.ensure_agent(project=project, agent_id="agent", name="Agent", model={"id": "gpt-4o"})
        return services.get_or_create_session(
            project=project, session_id="same", agent=agent, tags=["one", "two", f"by {writer}"]
        )

    outcomes = together(*[lambda w=w: start(w) for w in range(WRITERS)])
    assert failures(outcomes) == []
    assert sorted(created for _, created in outcomes) == [False] * (WRITERS - 1) + [True]
    assert len({session.pk for session, _ in outcomes}) == 1
    assert Agent.objects.get().description == {"name": "Agent", "agent_id": "agent", "model": {"id": "gpt-4o"}}
    assert Session.objects.get().agent == Agent.objects.get()


def test_new_tags_set_on_many_sessions_at_once_are_made_once():
    project = factories.ProjectFactory()
    sessions = [factories.SessionFactory(project=project) for _ in range(WRITERS)]
    outcomes = together(*[lambda s=s: services.update_session(session=s, tags=["b", "a", "c"]) for s in sessions])
    assert failures(outcomes) == []
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["a", "b", "c"]
    assert all(session.tags.count() == 3 for session in sessions)
