"""A model that says what its script says, without a network; 10 tokens in, 2 out, each time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from agno.agent import Agent
from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.response import ModelResponse
from agno.run import RunContext

TOKENS_A_CALL = 12


def call_tool(name, /, **arguments):
    """What a script gives that wants a tool called."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"id": f"call-{name}", "type": "function", "function": function}


@dataclass
class Scripted(Model):
    """``script`` gets the messages and gives a text, or a tool call."""

    id: str = "scripted-1"
    name: str = "Scripted"
    provider: str = "Tests"
    script: object = field(default=lambda messages: f"Heard: {messages[-1].content}")

    def invoke(self, messages, **kwargs):
        said = self.script(messages)
        usage = MessageMetrics(input_tokens=10, output_tokens=2, total_tokens=TOKENS_A_CALL)
        if isinstance(said, dict):
            return ModelResponse(role="assistant", tool_calls=[said], response_usage=usage)
        return ModelResponse(role="assistant", content=said, response_usage=usage)

    async def ainvoke(self, messages, **kwargs):
        return self.invoke(messages)

    def invoke_stream(self, messages, **kwargs):
        yield self.invoke(messages)

    async def ainvoke_stream(self, messages, **kwargs):
        yield self.invoke(messages)

    def _parse_provider_response(self, response, **kwargs):
        return response

    def _parse_provider_response_delta(self, response):
        return response


def remember(run_context: RunContext, key: str, value: str) -> str:
    """Remember a value."""
    run_context.session_state[key] = value
    return f"{key} is {value}"


def remembers(messages):
    """Answers "key=value" by having it remembered first."""
    last = messages[-1]
    if last.role == "user" and "=" in last.content:
        key, value = last.content.split("=")
        return call_tool("remember", key=key, value=value)
    return f"Said {sum(message.role == 'user' for message in messages)} times"


def agent(db, **options):
    """One that remembers what it is told, and counts what is said."""
    return Agent(
        id="clerk", name="Clerk", model=Scripted(script=remembers), tools=[remember], db=db, telemetry=False, **options
    )
