"""Made-up sessions into the store, in portions: by bulk inserts, with the rollups that recounting would give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import OuterRef, Subquery

from sessions_app import services
from sessions_app.demo import plenty
from sessions_app.demo.plenty import Conversation, Plan, Turn
from sessions_app.models import Agent, Message, Project, RunMetadata, Session, Tag
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import NewMessage
from sessions_app.services.messages import build_messages
from sessions_app.services.rollups import add_usage
from sessions_app.text import shorten
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
    rows = [_session(project, agents[each.agent], each) for each in new.values()]
    Session.objects.using(project._state.db).bulk_create(rows)
    # Not every database tells the keys of rows that were inserted in bulk.
    keys = dict(known.filter(session_id__in=new).values_list("session_id", "pk"))
    for row in rows:
        row.pk = keys[row.session_id]
    _write_runs(project._state.db, rows, new)
    _write_tags(project, rows, new)
    return len(rows)


def _write_runs(using: str | None, sessions: list[Session], made: dict[str, Conversation]) -> None:
    runs = [
        _run(session, place, turn) for session in sessions for place, turn in enumerate(made[session.session_id].turns)
    ]
    stored = RunMetadata.objects.using(using).filter(session__in=sessions)
    RunMetadata.objects.using(using).bulk_create(runs)
    keys: dict[tuple[Any, int], int] = {
        (session, place): key for session, place, key in stored.values_list("session", "position", "pk")
    }
    messages = []
    for session in sessions:
        said = [
            (keys[session.pk, place], message)
            for place, turn in enumerate(made[session.session_id].turns)
            for message in _messages(turn)
        ]
        for position, (run, message) in enumerate(said):
            message.session, message.position, message.run_id = session, position, run
            messages.append(message)
    Message.objects.using(using).bulk_create(messages)
    last = RunMetadata.objects.using(using).filter(session=OuterRef("pk")).finished().order_by("-position")
    rows = Session.objects.using(using).filter(pk__in=[session.pk for session in sessions])
    rows.update(last_finished_run=Subquery(last.values("pk")[:1]))


def _write_tags(project: Project, sessions: list[Session], made: dict[str, Conversation]) -> None:
    names = {name for each in made.values() for name in each.tags}
    tags = Tag.objects.using(project._state.db)
    keys = {name: tags.get_or_create(project=project, name=name)[0].pk for name in sorted(names)}
    link = Session.tags.through
    links = [link(session=row, tag_id=keys[name]) for row in sessions for name in made[row.session_id].tags]
    link.objects.using(project._state.db).bulk_create(links)


def _session(project: Project, agent: Agent, made: Conversation) -> Session:
    last, messages = made.turns[-1], sum(len(turn.messages) for turn in made.turns)
    first = _question(made.turns[0])
    return Session(
        project=project,
        session_id=made.session_id,
        type=agent.type,
        agent=agent,
        user_id=made.user_id,
        generated_title=shorten(first),
        opening=first,
        message_seq=messages,
        message_count=messages,
        run_seq=len(made.turns),
        run_count=len(made.turns),
        error_count=sum(turn.error is not None for turn in made.turns),
        last_run_status=last.status,
        created_at=made.created_at,
        updated_at=last.ended,
        **add_usage(*(turn.usage for turn in made.turns)),
    )


def _run(session: Session, place: int, turn: Turn) -> RunMetadata:
    provider, model_id = turn.model
    said: dict[str, Any] = {name: turn.usage.get(name, 0) for name in TOKEN_FIELDS}
    return RunMetadata(
        session=session,
        run_id=turn.run_id,
        position=place,
        agent=session.agent,
        user_id=session.user_id,
        status=turn.status,
        input=_question(turn),
        content=turn.messages[-1]["content"] if len(turn.messages) > 1 else None,
        model_provider=provider,
        model_id=model_id,
        duration_ms=turn.duration_ms,
        turns=max(1, sum(message["role"] == "assistant" for message in turn.messages)),
        is_error=turn.error is not None,
        error=turn.error,
        created_at=turn.started,
        updated_at=turn.ended,
        **said,
    )


def _messages(turn: Turn) -> list[Message]:
    step = (turn.ended - turn.started) / len(turn.messages)
    return build_messages(
        [NewMessage(payload, created_at=turn.started + step * place) for place, payload in enumerate(turn.messages)]
    )


def _question(turn: Turn) -> str:
    return next(str(message["content"]) for message in turn.messages if message["role"] == "user")
