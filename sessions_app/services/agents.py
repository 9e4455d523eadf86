"""Agents, made on their first mention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import RestrictedError

from sessions_app.exceptions import AgentInUse
from sessions_app.models import Agent, Project, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import AgentQuerySet
from sessions_app.text import check_choice, check_identifier, storable
from sessions_app.transactions import atomic_write

_TYPES = tuple(Agent.Type.values)


@dataclass(frozen=True, slots=True)
class Mention:
    """An agent that somebody named, with what was said of it: the arguments of ``ensure_agent``."""

    agent_id: str
    type: str = Agent.Type.AGENT
    name: str = ""
    model: Mapping[str, Any] | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.type, self.agent_id


def ensure_agent(
    *,
    project: Project,
    agent_id: str,
    type: str = Agent.Type.AGENT,
    name: str = "",
    model: Mapping[str, Any] | None = None,
    in_hand: Agent | None = None,
) -> Agent:
    """The project's agent of this type and id, made when it is new, and not looked up where it is ``in_hand``.

    ``name`` and ``model`` (``provider``, ``name``, ``id``) fill what is not known yet; what is known stays.
    """
    return _ensure(project, type, agent_id, _known(name, model), in_hand)


@atomic_write
def ensure_agents(*, project: Project, mentions: Iterable[Mention]) -> dict[tuple[str, str], Agent]:
    """As ``ensure_agent`` for each mention in turn: the agents by type and id. One query where nothing is new."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    for mention in mentions:
        known[mention.key] = _known(mention.name, mention.model) | known.get(mention.key, {})
    rows = Agent.objects.using(project._state.db).filter(project=project, agent_id__in={id_ for _, id_ in known})
    agents = {(agent.type, agent.agent_id): agent for agent in rows.order_by()}
    for key, columns in known.items():
        agent = agents.get(key)
        if agent is None or not all(getattr(agent, column) for column in columns):
            agents[key] = _ensure(project, *key, columns)
    return agents


@atomic_write
def delete_agent(*, agent: Agent) -> None:
    """Delete an agent that nothing refers to. Raises AgentInUse."""
    try:
        Agent.objects.using(agent._state.db).filter(pk=agent.pk).delete()
    except RestrictedError as error:
        raise AgentInUse(agent.agent_id) from error


def _known(name: str, model: Mapping[str, Any] | None) -> dict[str, str]:
    """What was said of an agent, by column."""
    given = {"name": name, **{f"model_{key}": (model or {}).get(key) for key in ("provider", "name", "id")}}
    return {column: storable(value)[:255] for column, value in given.items() if isinstance(value, str) and value}


def _ensure(
    project: Project, type: str, agent_id: str, known: Mapping[str, str], in_hand: Agent | None = None
) -> Agent:
    check_choice(type, "type", _TYPES)
    wanted = {"type": type, "agent_id": check_identifier(agent_id, "agent_id")}
    using = project._state.db or DEFAULT_DB_ALIAS
    agent, created = in_hand, False
    if agent is None or (agent.project_id, agent.type, agent.agent_id) != (project.pk, type, agent_id):
        agent = next(iter(_with_id(project.pk, type, agent_id, using=using)), None)
    if agent is None:
        agent, created = Agent.objects.using(using).get_or_create(project=project, **wanted, defaults=known)
    missing = {} if created else {column: value for column, value in known.items() if not getattr(agent, column)}
    if missing:
        for column, value in missing.items():
            setattr(agent, column, value)
        Agent.objects.using(using).filter(pk=agent.pk).update(**missing)
    return agent


def agent_of(session: Session) -> Agent | None:
    """The session's agent, which the session then knows, too."""
    if session.agent_id is not None and not Session.agent.is_cached(session):
        session.agent = _with_key(session.agent_id, using=session._state.db or DEFAULT_DB_ALIAS)[0]
    return session.agent


@Prepared
def _with_key(using: str, key: int) -> AgentQuerySet:
    return Agent.objects.using(using).filter(pk=key).order_by()


@Prepared
def _with_id(using: str, project: int, type: str, agent_id: str) -> AgentQuerySet:
    return Agent.objects.using(using).filter(project=project, type=type, agent_id=agent_id).order_by()
