"""The sessions that both stores are filled with, as an agno agent keeps them: rows of sessions, and dicts of runs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

AGENTS, USERS = 50, 1000
BEGIN = 1_757_088_000
"""When the first session begins, in epoch seconds."""
_WORDS = [
    "order",
    "parcel",
    "invoice",
    "refund",
    "address",
    "monday",
    "wednesday",
    "warehouse",
    "courier",
    "account",
    "password",
    "delivery",
    "payment",
    "customer",
    "arrives",
    "changed",
    "missing",
    "please",
    "thank",
    "tracking",
    "number",
    "shall",
    "has",
    "been",
    "sent",
    "and",
    "the",
    "was",
    "to",
    "your",
    "our",
    "of",
    "in",
    "it",
    "is",
    "not",
]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many ordinary sessions there are, of one run each, and the numbers of runs of those beside them."""

    sessions: int
    many_runs: tuple[tuple[str, int], ...] = (("fifty-runs", 50), ("five-hundred-runs", 500))


def session_id(number: int) -> str:
    return str(uuid.UUID(int=Random(number).getrandbits(128), version=4))


def session_name(number: int) -> str:
    return f"Question about order {number:07}"


def sessions(sizes: Sizes) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each session's row with its runs. A row's times go up with its number."""
    for number in range(sizes.sessions):
        yield _session(number, session_id(number), session_name(number), 1)
    for place, (id_, runs) in enumerate(sizes.many_runs):
        yield _session(sizes.sessions + place, id_, f"Session of {runs} runs", runs)


def _session(number: int, id_: str, name: str, run_count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    random, began = Random(id_), BEGIN + number
    agent_id, user_id = f"agent-{number % AGENTS:02}", f"user-{number % USERS:04}"
    runs = [run(random, f"{id_}-{place}", id_, agent_id, user_id, began + place) for place in range(run_count)]
    row = {
        "session_id": id_,
        "session_type": "agent",
        "agent_id": agent_id,
        "user_id": user_id,
        "agent_data": {"name": agent_id.title(), "agent_id": agent_id, "model": {"provider": "OpenAI", "id": "gpt-4o"}},
        "session_data": {
            "session_name": name,
            "session_state": {"order": number},
            "session_metrics": {
                "input_tokens": 40 * run_count,
                "output_tokens": 20 * run_count,
                "total_tokens": 60 * run_count,
            },
        },
        "metadata": {"channel": "web"},
        "created_at": began,
        "updated_at": began + run_count,
    }
    return row, runs


def run(random: Random, run_id: str, session_id: str, agent_id: str, user_id: str, began: int) -> dict[str, Any]:
    """A finished run of three messages, as agno's agents write it."""
    question, answer = _sentence(random, 9), _sentence(random, 14)
    usage = {"input_tokens": 40, "output_tokens": 20, "total_tokens": 60}
    return {
        "run_id": run_id,
        "session_id": session_id,
        "agent_id": agent_id,
        "user_id": user_id,
        "status": "COMPLETED",
        "input": {"input_content": question},
        "content": answer,
        "content_type": "str",
        "model": "gpt-4o",
        "model_provider": "OpenAI",
        "metrics": usage,
        "created_at": began,
        "messages": [
            _message(random, "system", "You answer questions about orders.", began),
            _message(random, "user", question, began),
            _message(random, "assistant", answer, began, metrics=usage),
        ],
    }


def _message(random: Random, role: str, content: str, created_at: int, **extra: Any) -> dict[str, Any]:
    id_ = str(uuid.UUID(int=random.getrandbits(128), version=4))
    always = {"from_history": False, "stop_after_tool_call": False, "role": role, "created_at": created_at}
    return {"id": id_, "content": content, **always, **extra}


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words)).capitalize() + "."
