"""A session and its runs, as agno's own objects and rows have them."""

from __future__ import annotations

from agno.session import AgentSession


def session(session_id="s", **more):
    return AgentSession(session_id=session_id, agent_id="clerk", **more)


def run(run_id="r", *texts, **more):
    messages = [{"id": f"{run_id}-{n}", "role": "user", "content": text} for n, text in enumerate(texts)]
    return {"run_id": run_id, "agent_id": "clerk", "status": "COMPLETED", "messages": messages, **more}
