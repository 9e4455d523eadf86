"""Agents, made on their first mention."""

from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.exceptions import AgentInUse, InvalidValue
from sessions_app.models import Agent
from tests import factories

MODEL = {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o"}


def test_the_first_mention_makes_it(project):
    agent = services.ensure_agent(project=project, agent_id="a", type="team", name="Ann", model=MODEL)
    agent.refresh_from_db()
    assert agent.description == {"name": "Ann", "team_id": "a", "model": MODEL}


def test_the_next_finds_it_with_one_query(project, django_assert_num_queries):
    agent = services.ensure_agent(project=project, agent_id="a", name="Ann", model=MODEL)
    with django_assert_num_queries(1):
        assert services.ensure_agent(project=project, agent_id="a", name="Bob", model={"id": "other"}) == agent
    agent.refresh_from_db()
    assert (agent.name, agent.model) == ("Ann", MODEL)


def test_what_is_missing_is_filled(project):
    services.ensure_agent(project=project, agent_id="a", model={"id": "gpt-4o"})
    filled = services.ensure_agent(project=project, agent_id="a", name="Ann", model={**MODEL, "id": "other"})
    assert Agent.objects.get().description == filled.description
    assert filled.description == {"name": "Ann", "agent_id": "a", "model": MODEL}


@pytest.mark.parametrize("model", [None, {}, {"id": None}, {"id": 5, "provider": ["x"]}, {"more": "x"}])
def test_an_odd_model_is_ignored(project, model):
    assert services.ensure_agent(project=project, agent_id="a", model=model).model == {}


def test_long_and_odd_text_is_made_to_fit(project):
    services.ensure_agent(project=project, agent_id="a", name="x" * 300, model={"id": "a\x00b\ud800"})
    agent = Agent.objects.get()
    assert (agent.name, agent.model_id) == ("x" * 255, "a\ufffdb?")


def test_projects_and_types_have_their_own(project):
    agents = {services.ensure_agent(project=project, agent_id="a", type=type) for type in Agent.Type.values}
    agents.add(services.ensure_agent(project=factories.ProjectFactory(), agent_id="a"))
    assert len(agents) == 4


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"agent_id": ""}, "agent_id"),
        ({"agent_id": "x" * 256}, "agent_id"),
        ({"agent_id": "\x00"}, "agent_id"),
        ({"agent_id": "a", "type": "robot"}, "type"),
    ],
)
def test_a_bad_id_or_type_is_refused(project, fields, location):
    with pytest.raises(InvalidValue) as caught:
        services.ensure_agent(project=project, **fields)
    assert caught.value.location == (location,)
    assert not Agent.objects.exists()


def test_an_unused_one_can_be_deleted(project):
    services.delete_agent(agent=factories.AgentFactory(project=project))
    assert not Agent.objects.exists()


def test_one_with_sessions_or_runs_cannot(project):
    session = factories.SessionFactory(project=project)
    with pytest.raises(AgentInUse):
        services.delete_agent(agent=session.agent)
    member = factories.AgentFactory(project=project)
    run = factories.RunFactory(session=session, agent=member)
    with pytest.raises(AgentInUse):
        services.delete_agent(agent=member)
    services.delete_run(run=run)
    services.delete_agent(agent=member)
    assert list(Agent.objects.all()) == [session.agent]
