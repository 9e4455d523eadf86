"""A model that says what its script says, without a network; 10 tokens in, 2 out, each time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from agno.metrics import MessageMetrics
from agno.models.base import Model
from agno.models.response import ModelResponse

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
