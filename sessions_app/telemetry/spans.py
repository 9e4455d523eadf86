"""A span, decoded: what it says of agents, models, tools and cost, by whatever name it says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sessions_app.exceptions import InvalidValue
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_identifier, check_text, storable

RUNS = {"invoke_agent", "invoke_workflow"}
CALLS = {"chat", "generate_content", "text_completion"}
TOOL = "execute_tool"
_OTHERS = {"create_agent", "embeddings", "retrieval", "plan"}
"""Operations that may name a model, but say nothing of a conversation."""
_REMOTE_KINDS = {2, 3, 4, 5}  # server, client, producer, consumer
_ERROR = 2
CONTENT = {
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "gen_ai.tool.definitions",
}
_USAGE = {
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
    "total_tokens": ("total_tokens",),
    "cache_read_tokens": ("cache_read.input_tokens", "cache_read_input_tokens"),
    "cache_write_tokens": ("cache_creation.input_tokens", "cache_creation_input_tokens"),
    "reasoning_tokens": ("reasoning.output_tokens", "reasoning_tokens"),
    "audio_input_tokens": ("audio.input_tokens",),
    "audio_output_tokens": ("audio.output_tokens",),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A span as JSON can hold it. Moments are nanoseconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: int
    start: int
    end: int
    status: int
    status_message: str
    attributes: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """One of RUNS, CALLS and TOOL, or "" for a span that says nothing of a run."""
        given = self.text("gen_ai.operation.name")
        if given in RUNS | CALLS | {TOOL}:
            return given
        if given in _OTHERS or given.endswith(("_memory", "_memory_store")):
            return ""
        # Writers of old name no operation, others have names of their own: who names a model calls it.
        return "chat" if self.model else ""

    @property
    def is_link(self) -> bool:
        """Whether it can only lie between two others. A request from one process to the next never does."""
        return not self.operation and self.kind not in _REMOTE_KINDS

    @property
    def conversation(self) -> str:
        return self.text("gen_ai.conversation.id", "session.id")

    @property
    def user(self) -> str:
        given = self.text("user.id", "enduser.id")
        return given or next((str(self.resource[key]) for key in ("user.id", "enduser.id") if key in self.resource), "")

    @property
    def agent_id(self) -> str:
        return self.text("gen_ai.agent.id", "gen_ai.agent.name", "gen_ai.workflow.name")

    @property
    def agent_name(self) -> str:
        return self.text("gen_ai.agent.name", "gen_ai.workflow.name")

    @property
    def provider(self) -> str:
        return storable(self.text("gen_ai.provider.name", "gen_ai.system"))[:MAX_IDENTIFIER_LENGTH]

    @property
    def model(self) -> str:
        return storable(self.text("gen_ai.response.model", "gen_ai.request.model"))[:MAX_IDENTIFIER_LENGTH]

    @property
    def usage(self) -> dict[str, int]:
        """The token counts that it gives, by the names of our columns."""
        found = {}
        for column, names in _USAGE.items():
            counts: list[Any] = [self.attributes.get(f"gen_ai.usage.{name}") for name in names]
            if given := [int(count) for count in counts if _is_count(count)]:
                found[column] = given[0]
        return found

    @property
    def is_error(self) -> bool:
        return self.status == _ERROR or bool(self.text("error.type"))

    @property
    def error(self) -> str | None:
        """Type and message of what went wrong; None where nothing did."""
        if not self.is_error:
            return None
        raised: dict[str, Any] = next(
            (event["attributes"] for event in reversed(self.events) if event["name"] == "exception"), {}
        )
        kind = self.text("error.type") or str(raised.get("exception.type", ""))
        message = self.status_message or str(raised.get("exception.message", ""))
        is_told = not kind or kind in message
        return storable(message if is_told and message else f"{kind}: {message}" if message else kind) or "Error"

    @property
    def started_at(self) -> datetime:
        return moment(self.start)

    @property
    def ended_at(self) -> datetime:
        return moment(max(self.start, self.end))

    @property
    def duration_ms(self) -> float | None:
        return (self.end - self.start) / 1e6 if self.end >= self.start else None

    def text(self, *names: str) -> str:
        """The first of these attributes that says something."""
        values = (self.attributes.get(name) for name in names)
        told = (str(value) for value in values if value is not None and not isinstance(value, dict | list))
        return next(filter(None, told), "")

    def check(self) -> None:
        """Raise InvalidValue, as a sentence, for what names nothing that can be stored."""
        lengths = len(self.trace_id), len(self.span_id)
        if lengths != (32, 16) or not self.trace_id.strip("0") or not self.span_id.strip("0"):
            raise InvalidValue("A span needs a trace id of 16 bytes and a span id of 8 bytes, not all zero")
        for name, value in (("gen_ai.conversation.id", self.conversation), ("gen_ai.agent.id", self.agent_id)):
            if value:
                check_identifier(value, name)
        check_text(self.user, "user.id", MAX_IDENTIFIER_LENGTH)

    def body(self) -> dict[str, Any]:
        """All of it as a JSON object, from which ``Span(**body)`` is made again."""
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """What it says, but for the messages, for people who look into a run."""
        told = {key: value for key, value in self.attributes.items() if not is_content(key)}
        return {
            "span_id": self.span_id,
            "parent_span_id": self.parent_id,
            "name": self.name,
            "duration_ms": self.duration_ms,
            **({"error": self.error} if self.is_error else {}),
            "attributes": told,
        }


def is_content(key: str) -> bool:
    """Whether an attribute holds what was said, rather than what was measured."""
    return key in CONTENT or key.startswith(("gen_ai.prompt", "gen_ai.completion"))


def moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds // 1000 / 1e6, UTC)


def _is_count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS
