"""The spans of a trace, put together into runs.

A run is an agent's (or workflow's) invocation with the calls of models and tools below it, up to the next invocation,
which is a run of its own with this one as its parent. Calls below no invocation are one run together: the trace's own.
A run belongs to the conversation that its invocation names, else its calls, else its parent, else any span of the
trace; a trace without any conversation is a session of its own, by its trace id.

All follows from the set of spans alone, so that it does not matter in which order, how often and in how many pieces
they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.formats.otel_genai import OTelGenAI
from sessions_app.models import Agent, RunMetadata
from sessions_app.models.usage import TOKEN_FIELDS, complete_usage
from sessions_app.services import NewMessage
from sessions_app.telemetry.content import messages_of, tool_messages
from sessions_app.telemetry.history import Memory, marks_of
from sessions_app.telemetry.spans import CALLS, RUNS, TOOL, Span

Payload = dict[str, Any]


@dataclass(eq=False)
class TracedRun:
    """A run as the spans have it. ``root`` is the invocation, None for calls below none."""

    trace_id: str
    root: Span | None
    parent: TracedRun | None = None
    spans: list[Span] = field(default_factory=list)
    session_id: str = ""

    @property
    def run_id(self) -> str:
        return f"{self.trace_id}-{self.root.span_id}" if self.root else self.trace_id

    @property
    def order(self) -> tuple[Any, str]:
        """Runs stand in a session in the order in which they began."""
        return self.head.started_at, self.run_id

    @property
    def head(self) -> Span:
        """The span that speaks for the run: the invocation, else its first call."""
        return self.root or next(iter(self.calls or self.spans))

    @cached_property
    def calls(self) -> list[Span]:
        return [span for span in self.spans if span.operation in CALLS]

    @property
    def tools(self) -> list[Span]:
        return [span for span in self.spans if span.operation == TOOL]

    @cached_property
    def spoken(self) -> list[tuple[Span, list[Payload], list[Payload]]]:
        """The calls with what went in and came out; the invocation's own words where no call has any."""
        told = [(call, *messages_of(call)) for call in self.calls]
        if self.root and not any(inputs or outputs for _, inputs, outputs in told):
            return [(self.root, *messages_of(self.root))]
        return told

    @property
    def user(self) -> str | None:
        return next((span.user for span in (self.head, *self.spans) if span.user), None)

    @property
    def agent(self) -> dict[str, Any] | None:
        """What ``ensure_agent`` takes; None where no span names an agent."""
        named = next((span for span in (self.head, *self.spans) if span.agent_id), None)
        if named is None:
            return None
        is_workflow = named.operation == "invoke_workflow"
        model = {"provider": self._first("provider"), "id": self._first("model")}
        kind = Agent.Type.WORKFLOW if is_workflow else Agent.Type.AGENT
        return {"agent_id": named.agent_id, "type": kind.value, "name": named.agent_name, "model": model}

    def fields(self) -> dict[str, Any]:
        """The run's columns, but for its agent."""
        failed = self._failed
        is_child = self.parent is not None and self.parent.session_id == self.session_id
        ended = max(span.ended_at for span in self.spans)
        return {
            "parent_run_id": self.parent.run_id if self.parent and is_child else None,
            "user_id": self.user,
            "status": (RunMetadata.Status.ERROR if failed else RunMetadata.Status.COMPLETED).value,
            "is_error": failed is not None,
            "error": failed.error if failed else None,
            "input": self._input,
            "content": self._content,
            "model_provider": self._first("provider"),
            "model_id": self._first("model"),
            "duration_ms": self._duration_ms,
            "turns": len(self.calls),
            "usage": self._usage,
            "details": {"trace_id": self.trace_id, "spans": [span.summary() for span in self.spans]},
            "created_at": self.head.started_at,
            "updated_at": ended,
        }

    def messages(self, memory: Memory) -> list[NewMessage]:
        """What was said in the run and was not said before it."""
        said: list[tuple[int, Span, Payload]] = []
        for call, inputs, outputs in self.spoken:
            said += [(call.start, call, message) for message in memory.news(inputs)]
            said += [(call.end, call, message) for message in outputs]
            marks = marks_of(inputs, outputs)
            memory.learn(marks)
            if marks and not outputs:
                memory.unanswered |= set(marks["ends"])
        told = {_name(part) for _, _, message in said for part in OTelGenAI().read(message).parts}
        for tool in self.tools:
            missing = [(tool.end, tool, message) for message in tool_messages(tool, told)]
            place = next((index for index, (at, *_) in enumerate(said) if at >= tool.end), len(said))
            said[place:place] = missing
        return [
            NewMessage(payload, OTelGenAI.name, span.started_at if at == span.start else span.ended_at)
            for at, span, payload in said
        ]

    @property
    def _failed(self) -> Span | None:
        """The span that says why the run failed: a call that failed is no failure where another came after it."""
        last = self.root or next(reversed(self.calls or self.spans))
        return last if last.is_error else None

    @property
    def _duration_ms(self) -> float | None:
        if self.root:
            return self.root.duration_ms
        begin, end = min(span.start for span in self.spans), max(span.end for span in self.spans)
        return (end - begin) / 1e6 if end >= begin else None

    @property
    def _usage(self) -> dict[str, int]:
        """What the invocation says that it cost, else the sum of its calls."""
        costs = [call.usage for call in self.calls]
        if self.root and {"input_tokens", "output_tokens"} & self.root.usage.keys():
            costs = [self.root.usage]
        sums = complete_usage({name: sum(cost.get(name, 0) for cost in costs) for name in TOKEN_FIELDS})
        return {name: min(total, MAX_TOKENS) for name, total in sums.items()}

    @property
    def _input(self) -> str | None:
        """What the user said: to the invocation, else to its first call that heard a user."""
        own = messages_of(self.root)[0] if self.root else []
        for inputs in (own, *(inputs for _, inputs, _ in self.spoken)):
            words = [text for message in inputs if message["role"] == "user" and (text := _text(message))]
            if words:
                return words[-1]
        return None

    @property
    def _content(self) -> str | None:
        """What was answered: by the invocation, else by its last call that said something."""
        own = messages_of(self.root)[1] if self.root else []
        for outputs in (own, *(outputs for _, _, outputs in reversed(self.spoken))):
            words = [text for message in outputs if (text := _text(message))]
            if words:
                return "\n".join(words)
        return None

    def _first(self, name: str) -> str:
        """Of a call rather than of the invocation: that one may name the framework as its provider."""
        return next((value for span in (*self.calls, self.head) if (value := str(getattr(span, name)))), "")


def runs_of(spans: Iterable[Span]) -> list[TracedRun]:
    """The runs of one trace's spans, parents first, in the order in which they began."""
    ordered = sorted(spans, key=lambda span: (span.start, span.span_id))
    by_id = {span.span_id: span for span in ordered}
    runs = {span.span_id: TracedRun(span.trace_id, span) for span in ordered if span.operation in RUNS}
    alone: dict[str, TracedRun] = {}
    for span in ordered:
        if not span.operation:
            continue
        above = _invocation(by_id, span.parent_id)
        if span.span_id in runs:
            run = runs[span.span_id]
            run.parent = runs[above] if above and above != span.span_id else None
        elif above:
            run = runs[above]
        else:
            run = alone.setdefault(span.conversation, TracedRun(span.trace_id, None))
        run.spans.append(span)
    found = [*runs.values(), *alone.values()]
    fallback = next((span.conversation for span in ordered if span.conversation), "")
    for run in found:
        run.session_id = _conversation(run) or fallback or run.trace_id
    return sorted(_joined(found), key=lambda run: run.order)


def _invocation(by_id: dict[str, Span], span_id: str) -> str | None:
    """The nearest invocation at or above a span."""
    passed = set()
    while span_id in by_id and span_id not in passed:
        passed.add(span_id)
        if by_id[span_id].operation in RUNS:
            return span_id
        span_id = by_id[span_id].parent_id
    return None


def _conversation(run: TracedRun | None) -> str:
    passed: list[TracedRun] = []
    while run is not None and run not in passed:
        passed.append(run)
        spans = [run.root, *run.spans] if run.root else run.spans
        if named := next((span.conversation for span in spans if span.conversation), ""):
            return named
        run = run.parent
    return ""


def _joined(runs: list[TracedRun]) -> list[TracedRun]:
    """Calls below no invocation, some of which name the conversation and some not, are one run of it."""
    found: dict[tuple[str, str], TracedRun] = {}
    for run in runs:
        known = found.setdefault((run.session_id, run.run_id), run)
        if known is not run:
            known.spans = sorted([*known.spans, *run.spans], key=lambda span: (span.start, span.span_id))
    return list(found.values())


def _text(message: Payload) -> str:
    return "\n".join(part["content"] for part in OTelGenAI().read(message).parts if part["type"] == "text")


def _name(part: dict[str, Any]) -> str:
    return f"{part['type']} {part.get('id')}"
