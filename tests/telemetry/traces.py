"""Spans for tests, and what became of them."""

from __future__ import annotations

import json

from sessions_app.models import Session
from sessions_app.telemetry.spans import Span

START = 1_757_088_000_000_000_000
SECOND = 1_000_000_000


def trace_id(number):
    return f"{number:032x}"


def span(number, operation="chat", *, trace=1, parent=0, start=0.0, seconds=1.0, **more):
    """Span ``number`` of trace ``trace``. Attributes come without ``gen_ai.``: ``{"agent.name": ...}``."""
    attributes = {f"gen_ai.{key}": value for key, value in more.pop("gen_ai", {}).items()}
    if operation:
        attributes["gen_ai.operation.name"] = operation
    begin = START + int(start * SECOND)
    values = {
        "trace_id": trace_id(trace),
        "span_id": f"{number:016x}",
        "parent_id": f"{parent:016x}" if parent else "",
        "name": f"{operation or 'step'} {number}",
        "kind": 1,
        "start": begin,
        "end": begin + int(seconds * SECOND),
        "status": 0,
        "status_message": "",
    }
    return Span(**values | {"attributes": attributes | more.pop("attributes", {})} | more)


def text(role, content, **more):
    return {"role": role, "parts": [{"type": "text", "content": content}], **more}


def call(call_id, name="track", **arguments):
    part = {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}
    return {"role": "assistant", "parts": [part]}


def answer(call_id, response):
    return {"role": "tool", "parts": [{"type": "tool_call_response", "id": call_id, "response": response}]}


def said(inputs, outputs, **more):
    """Attributes of a call; messages are JSON text, as SDKs send them."""
    return {"input.messages": json.dumps(inputs), "output.messages": json.dumps(outputs), **more}


def turn(number, history, *, conversation="support-17", inner=False):
    """A turn in which an agent calls a tool: its spans, and the conversation behind it."""
    base, at = 16 * number, 100.0 * number
    ask, lookup, found = text("user", f"Where is parcel {number}?"), call(f"c{number}"), answer(f"c{number}", "in Bern")
    told = text("assistant", f"Parcel {number} is in Bern.", finish_reason="stop")
    named = {"conversation.id": conversation} if conversation else {}
    tokens = {"usage.input_tokens": 10, "usage.output_tokens": 5, "request.model": "gpt-4o", "provider.name": "openai"}
    spans = [
        span(base + 1, "invoke_agent", trace=number, start=at, seconds=9, gen_ai={"agent.name": "Support", **named}),
        span(base + 2, trace=number, parent=base + 1, start=at + 1, gen_ai=said([*history, ask], [lookup], **tokens)),
        span(base + 3, "", trace=number, parent=base + 1, start=at + 2.5),
        span(
            base + 4,
            "execute_tool",
            trace=number,
            parent=base + 3,
            start=at + 3,
            gen_ai={"tool.name": "track", "tool.call.id": f"c{number}", "tool.call.result": "in Bern"},
        ),
        span(
            base + 5,
            trace=number,
            parent=base + 1,
            start=at + 6,
            gen_ai=said([*history, ask, lookup, found], [told], **tokens),
        ),
    ]
    if inner:
        question = text("user", f"Track {number}")
        spans += [
            span(
                base + 6, "invoke_agent", trace=number, parent=base + 4, start=at + 3.2, gen_ai={"agent.id": "tracker"}
            ),
            span(
                base + 7,
                trace=number,
                parent=base + 6,
                start=at + 3.4,
                gen_ai=said([question], [text("assistant", "in Bern")], **tokens),
            ),
        ]
    return spans, [*history, ask, lookup, found, told]


def snapshot(project):
    """All that was stored, in order, without keys, places and the moments of writing."""
    return {session.session_id: _session(session) for session in Session.objects.filter(project=project)}


ASIDE = {
    "id", "project_id", "session_id", "run_id", "position", "message_seq", "run_seq", "revision", "updated_at",
    "agent_id", "last_finished_run_id",
}  # fmt: skip


def _session(session):
    last = session.last_finished_run
    return {
        **_row(session),
        "last": last and last.run_id,
        "runs": [(run.run_id, _row(run)) for run in session.runs.in_order()],
        "messages": [(_row(message), message.run.run_id) for message in session.messages.in_order()],
    }


def _row(row):
    values = {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.attname not in ASIDE}
    agent = getattr(row, "agent", None)
    return values | {"agent": agent and (agent.type, agent.agent_id, agent.name, agent.model)}


def payloads(session):
    return [message.payload for message in session.messages.in_order()]
