"""Made-up sessions by the thousand, to see how a site behaves once it is full.

Each follows from a seed and its number alone: the same seed makes the same sessions, however they are portioned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sessions_app.demo import phrases
from sessions_app.demo.build import assistant, call, result, system, user
from sessions_app.models import RunMetadata

MODELS = (
    ("OpenAI", "gpt-4o"),
    ("OpenAI", "gpt-4o-mini"),
    ("OpenAI", "gpt-4.1"),
    ("Anthropic", "claude-sonnet-4-5"),
    ("Anthropic", "claude-haiku-4-5"),
    ("Google", "gemini-2.5-flash"),
    ("Mistral", "mistral-large-latest"),
)
STATUSES = {
    RunMetadata.Status.COMPLETED: 90,
    RunMetadata.Status.ERROR: 5,
    RunMetadata.Status.CANCELLED: 3,
    RunMetadata.Status.PAUSED: 1,
    RunMetadata.Status.RUNNING: 1,
}
TYPES = ("agent", "agent", "agent", "team", "agent", "agent", "agent", "workflow", "agent", "agent")
BIGGEST_INPUT = 60_000
"""Tokens of a turn's input; most have far fewer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many sessions there are to be, of what size, and whose."""

    sessions: int
    runs_per_session: int
    messages_per_run: int
    agents: int
    users: int
    days: int
    seed: int
    now: datetime


@dataclass(slots=True)
class Turn:
    """One made-up run with its messages."""

    run_id: str
    status: str
    model: tuple[str, str]
    messages: list[dict[str, Any]]
    usage: dict[str, int]
    duration_ms: float
    started: datetime
    error: str | None

    @property
    def ended(self) -> datetime:
        return self.started + timedelta(milliseconds=self.duration_ms)


@dataclass(slots=True)
class Conversation:
    """One made-up session; ``agent`` is the number of its agent."""

    session_id: str
    agent: int
    user_id: str
    tags: list[str]
    created_at: datetime
    turns: list[Turn]


def agent_type(number: int) -> str:
    """The type of the agent with this number."""
    return TYPES[number % len(TYPES)]


def agent_name(number: int) -> str:
    """The name of the agent with this number; numbers follow once the names have run out."""
    round_, place = divmod(number, len(phrases.AGENTS))
    return phrases.AGENTS[place] + (f" {round_ + 1}" if round_ else "")


def conversation(plan: Plan, number: int) -> Conversation:
    """The session with this number; the higher, the younger."""
    random = Random(f"{plan.seed}:{number}")  # noqa: S311
    age = timedelta(days=plan.days) * (1 - (number + random.random()) / plan.sessions)
    agent = int(plan.agents * random.random() ** 2)  # Some agents are busier than others, and so are some users.
    clock = plan.now - age
    session = Conversation(
        session_id=str(UUID(int=random.getrandbits(128), version=4)),
        agent=agent,
        user_id=f"user-{int(plan.users * random.random() ** 1.5) + 1:04}",
        tags=random.sample(phrases.TAGS, random.choice((1, 1, 2))) if random.random() < 0.15 else [],
        created_at=clock,
        turns=[],
    )
    for place in range(plan.runs_per_session):
        turn = _turn(plan, random, f"{session.session_id}-{place + 1}", MODELS[agent % len(MODELS)], clock)
        session.turns.append(turn)
        clock = turn.ended + timedelta(seconds=random.randint(5, 300))
    return session


def _turn(plan: Plan, random: Random, run_id: str, model: tuple[str, str], started: datetime) -> Turn:
    subject, order = random.choice(phrases.SUBJECTS), f"{random.randint(10_000, 99_999)}"
    [status] = random.choices(list(STATUSES), list(STATUSES.values()))
    size = 200 + int((BIGGEST_INPUT - 200) * random.random() ** 6), random.randint(20, 900)
    answers = phrases.FAILURES if status == RunMetadata.Status.ERROR else phrases.ANSWERS
    answer = random.choice(answers).format(subject=subject, order=order)
    question = random.choice(phrases.QUESTIONS).format(subject=subject, order=order)
    messages = _messages(plan.messages_per_run, random, question, answer, order, size)
    has_answer = messages[-1]["role"] == "assistant"
    usage = {"input_tokens": size[0], "output_tokens": size[1], "total_tokens": sum(size)} if has_answer else {}
    if usage and random.random() < 0.3:
        usage["cache_read_tokens"] = size[0] // 2
    return Turn(
        run_id=run_id,
        status=status,
        model=model,
        messages=messages,
        usage=usage,
        duration_ms=round(250 + size[1] * 12 * random.uniform(0.6, 1.8), 1),
        started=started,
        error=random.choice(phrases.ERRORS) if status == RunMetadata.Status.ERROR else None,
    )


def _messages(
    count: int, random: Random, question: str, answer: str, order: str, size: tuple[int, int]
) -> list[dict[str, Any]]:
    """A question and its answer; what is left of ``count`` are tool calls with their results, and a system prompt."""
    if count == 1:
        return [user(question)]
    head = [system(phrases.SYSTEM)] if count % 2 else []
    tools: list[dict[str, Any]] = []
    for page in range((count - 2) // 2):
        call_id = f"call_{random.getrandbits(48):012x}"
        tools.append(assistant(None, call(call_id, "look_up", order=order, page=page), tokens=(0, 0)))
        tools.append(result(call_id, "look_up", {"order": order, "state": random.choice(phrases.STATES)}))
    return [*head, user(question), *tools, assistant(answer, tokens=size)]
