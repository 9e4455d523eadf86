"""Conversations as documents, with times that follow from the first one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

Message = dict[str, Any]
GPT = {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o"}
GPT_MINI = {"provider": "OpenAI", "name": "OpenAIChat", "id": "gpt-4o-mini"}
CLAUDE = {"provider": "Anthropic", "name": "Claude", "id": "claude-sonnet-4-5"}
SECONDS_BETWEEN = 4


def system(text: str) -> Message:
    return {"role": "system", "content": text}


def user(content: Any) -> Message:
    return {"role": "user", "content": content}


def assistant(text: str | None, *calls: Message, reasoning: str = "", tokens: tuple[int, int] = (640, 70)) -> Message:
    """What the model says; ``tokens`` are those it read and wrote for it."""
    return {
        "role": "assistant",
        "content": text,
        **({"reasoning_content": reasoning} if reasoning else {}),
        **({"tool_calls": list(calls)} if calls else {}),
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def call(call_id: str, name: str, **arguments: Any) -> Message:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def result(call_id: str, name: str, content: Any) -> Message:
    text = content if isinstance(content, str) else json.dumps(content)
    return {"role": "tool", "tool_call_id": call_id, "name": name, "content": text}


class Conversation:
    """A session that grows turn by turn; ``header`` is what its document says of the session itself."""

    def __init__(self, session_id: str, started: datetime, **header: Any) -> None:
        self.started = self.clock = started
        self.header = {"session_id": session_id, **header}
        self.runs: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []

    def later(self, **time: float) -> None:
        """Let ``hours=...`` or ``minutes=...`` pass."""
        self.clock += timedelta(**time)

    def say(self, *messages: Message, run_id: str | None = None) -> None:
        for message in messages:
            envelope = {"payload": message, "created_at": self.clock.isoformat()}
            self.messages.append(envelope | ({"run_id": run_id} if run_id else {}))
            self.later(seconds=SECONDS_BETWEEN)

    def turn(self, *messages: Message, **fields: Any) -> str:
        """A run of these messages, by the session's own agent unless ``fields`` name another; gives its id."""
        run_id = f"{self.header['session_id']}-{len(self.runs) + 1}"
        started, said = self.clock, [message for message in messages if message["role"] == "assistant"]
        self.say(*messages, run_id=run_id)
        model = self.header["model"]
        run = {
            "run_id": run_id,
            "agent_id": self.header["agent_id"],
            "agent_type": self.header.get("type", "agent"),
            "user_id": self.header.get("user_id"),
            "input": next((message["content"] for message in messages if message["role"] == "user"), None),
            "content": said[-1]["content"] if said else None,
            "model": {"provider": model["provider"], "id": model["id"]},
            "duration_ms": 850.0 * len(said) + 120 * len(messages),
            "turns": max(1, len(said)),
            "created_at": started.isoformat(),
            "updated_at": self.clock.isoformat(),
        }
        self.runs.append({**run, **fields})
        return run_id

    def document(self) -> dict[str, Any]:
        times = {"created_at": self.started.isoformat(), "updated_at": self.clock.isoformat()}
        return {**self.header, **times, "runs": self.runs, "messages": self.messages}
