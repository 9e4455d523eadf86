"""Made-up sessions into the store, in portions."""

from __future__ import annotations

from collections.abc import Iterator

from sessions_app import services
from sessions_app.demo import plenty
from sessions_app.demo.plenty import Conversation, Plan, Turn
from sessions_app.models import Agent, Project, Session
from sessions_app.services import NewMessage, NewSession, RunFields
from sessions_app.transactions import atomic_write

PORTION = 500
"""Sessions written in one transaction."""


def fill(project: Project, plan: Plan) -> Iterator[tuple[int, int]]:
    """Write the plan's sessions. Gives each portion's size, and how many of it were not there already."""
    agents = _agents(project, plan)
    for start in range(0, plan.sessions, PORTION):
        numbers = range(start, min(start + PORTION, plan.sessions))
        made = [plenty.conversation(plan, number) for number in numbers]
        yield len(made), _write(project, agents, made)


def _agents(project: Project, plan: Plan) -> list[Agent]:
    agents = []
    for number in range(plan.agents):
        name = plenty.agent_name(number)
        provider, model_id = plenty.MODELS[number % len(plenty.MODELS)]
        agent = services.ensure_agent(
            project=project,
            agent_id=name.lower().replace(" ", "-"),
            type=plenty.agent_type(number),
            name=name,
            model={"provider": provider, "id": model_id},
        )
        agents.append(agent)
    return agents


@atomic_write
def _write(project: Project, agents: list[Agent], made: list[Conversation]) -> int:
    known = Session.objects.using(project._state.db).filter(project=project)
    there = set(known.filter(session_id__in=[each.session_id for each in made]).values_list("session_id", flat=True))
    new = {each.session_id: each for each in made if each.session_id not in there}
    built = [services.build_session(project, _session(agents[each.agent], each)) for each in new.values()]
    services.insert_sessions(project=project, built=built)
    return len(built)


def _session(agent: Agent, made: Conversation) -> NewSession:
    return NewSession(
        session_id=made.session_id,
        type=agent.type,
        fields={
            "agent": agent,
            "user_id": made.user_id,
            "tags": made.tags,
            "created_at": made.created_at,
            "updated_at": made.turns[-1].ended,
        },
        runs=[(turn.run_id, _run(agent, made.user_id, turn)) for turn in made.turns],
        messages=[(message, place) for place, turn in enumerate(made.turns) for message in _messages(turn)],
    )


def _run(agent: Agent, user_id: str, turn: Turn) -> RunFields:
    provider, model_id = turn.model
    return {
        "agent": agent,
        "user_id": user_id,
        "status": turn.status,
        "input": next(message["content"] for message in turn.messages if message["role"] == "user"),
        "content": turn.messages[-1]["content"] if len(turn.messages) > 1 else None,
        "model_provider": provider,
        "model_id": model_id,
        "usage": turn.usage,
        "duration_ms": turn.duration_ms,
        "turns": max(1, sum(message["role"] == "assistant" for message in turn.messages)),
        "is_error": turn.error is not None,
        "error": turn.error,
        "created_at": turn.started,
        "updated_at": turn.ended,
    }


def _messages(turn: Turn) -> list[NewMessage]:
    step = (turn.ended - turn.started) / len(turn.messages)
    return [NewMessage(payload, created_at=turn.started + step * place) for place, payload in enumerate(turn.messages)]
