"""What was said in a session, as LlamaCloud's events, whatever wrote it and in whatever format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, ExpressionWrapper, F, Q, TextField, Value, When

from sessions_app import formats, jsontext, ready
from sessions_app.formats import CanonicalMessage, Part
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.prepared import Prepared
from sessions_app.text import as_text

Event = dict[str, Any]
REASONING = "reasoning_content"
UNSEEN_ROLES = {"system", "developer"}
"""Roles that have no place on this wire."""
_SPOKEN = {"text": "text", "reasoning": "thinking"}


def history(session: Session) -> list[Event]:
    """All events of a session: in order those of its messages, and a stop behind each finished run."""
    using = session._state.db or DEFAULT_DB_ALIAS
    messages: list[_Said] = _messages(session.pk, using=using)
    runs = {run.pk: run for run in map(_Turn._make, _runs(session.pk, using=using))}
    silent = runs.keys() - {run for _, _, run, _ in messages}
    told = RunMetadata.objects.using(using).in_bulk(silent) if silent else {}
    return list(_in_order(messages, runs, [told[pk] for pk in runs if pk in told]))


def user_input(content: str, attachments: list[Part] | None = None) -> Event:
    return {"type": "user_input", "content": content, **({"attachments": attachments} if attachments else {})}


def stop(run: RunMetadata | _Turn) -> Event:
    """The end of a run, and what it cost."""
    usage = {
        "turns": run.turns,
        "total_input_tokens": run.input_tokens,
        "total_output_tokens": run.output_tokens,
        **({} if run.duration_ms is None else {"duration_ms": run.duration_ms}),
    }
    return {"type": "stop", "is_error": run.is_error, "error": run.error, "usage": usage}


def message_events(message: CanonicalMessage, names: dict[str, str]) -> Iterator[Event]:
    """A message's events. ``names`` are those of the tools called so far, by call id; new calls are put there."""
    if message.role in UNSEEN_ROLES:
        return
    if message.role == "user":
        yield from _of_user(message, names)
    else:
        yield from _of_assistant(message, names)


_Said = tuple[str, str, int | None, str | None]
"""A message: what was said, its role, its run and its format; of one without a format, the text is all there is to it,
else what was said is its payload, as it lies.
"""


class _Turn(NamedTuple):
    """What a run adds to its messages."""

    pk: int
    position: int
    status: str
    is_error: bool
    error: str | None
    turns: int
    input_tokens: int
    output_tokens: int
    duration_ms: float | None
    details: Any


@Prepared
def _messages(using: str, session: int) -> Any:
    is_plain = Q(plain=ready.PLAIN)
    payload = ExpressionWrapper(F("payload"), TextField())
    return (
        Message.objects.using(using)
        .conversation(session)
        .alias(plain=F("ready_for").bitand(ready.PLAIN))
        .values_list(
            Case(When(is_plain, then=F("text")), default=payload, output_field=TextField()),
            "role",
            "run",
            Case(When(is_plain, then=Value(None)), default=F("format"), output_field=TextField()),
        )
    )


@Prepared
def _runs(using: str, session: int) -> Any:
    runs = RunMetadata.objects.using(using).filter(session=session, parent_run_id=None).in_order()
    # Large, and of most runs not wanted.
    details = Case(When(details__contains=f'"{REASONING}"', then=F("details")), default=Value(None))
    return runs.values_list(*(name for name in _Turn._fields if name != "details"), details)


def _in_order(messages: list[_Said], runs: dict[int, _Turn], silent: list[RunMetadata]) -> Iterator[Event]:
    ends = {run: index for index, (_, _, run, _) in enumerate(messages)}
    names: dict[str, str] = {}
    thought: set[int | None] = set()
    for index, (said, role, pk, format_) in enumerate(messages):
        run = runs.get(pk) if pk else None
        while run and silent and silent[0].position < run.position:
            yield from _of_silent(silent.pop(0))
        if format_ is None:
            events = _of_text(said, role)
        else:
            events = list(message_events(formats.read(jsontext.loads(said), format_), names))
            if any(event["type"] == "thinking" for event in events):
                thought.add(pk)
        if run is None or ends[pk] != index:
            yield from events
            continue
        if pk not in thought:
            yield from _thinking(run)
        yield from events
        if run.status not in RunMetadata.UNFINISHED:
            yield stop(run)
    for told in silent:
        yield from _of_silent(told)


def _of_text(said: str, role: str) -> list[Event]:
    """The event of a message that is nothing but its text."""
    if role == "user":
        return [user_input(said)]
    return [_text(said)] if said and role not in UNSEEN_ROLES else []


def _of_silent(run: RunMetadata) -> Iterator[Event]:
    """A run without messages says what went in and what came out."""
    if run.input is not None:
        yield user_input(as_text(run.input))
    yield from _thinking(run)
    if run.content is not None:
        yield _text(as_text(run.content))
    if run.is_finished:
        yield stop(run)


def _thinking(run: RunMetadata | _Turn) -> Iterator[Event]:
    """The reasoning that a writer kept with the run alone."""
    reasoning = run.details.get(REASONING) if isinstance(run.details, dict) else None
    if isinstance(reasoning, str) and reasoning:
        yield {"type": "thinking", "content": reasoning}


def _of_user(message: CanonicalMessage, names: dict[str, str]) -> Iterator[Event]:
    results = [part for part in message.parts if part["type"] == "tool_call_response"]
    yield from (_tool_result(part, message, names) for part in results)
    others = [part for part in message.parts if part["type"] not in {"text", "tool_call_response"}]
    texts = [as_text(part.get("content")) for part in message.parts if part["type"] == "text"]
    if texts or others or not results:
        yield user_input("\n".join(text for text in texts if text), others)


def _of_assistant(message: CanonicalMessage, names: dict[str, str]) -> list[Event]:
    events: list[Event] = []
    attachments: list[Part] = []
    for part in message.parts:
        if part["type"] in {"text", "reasoning"}:
            if content := part.get("content"):
                events.append({"type": _SPOKEN[part["type"]], "content": as_text(content)})
        elif part["type"] == "tool_call":
            events.append(_tool_call(part, names))
        elif part["type"] == "tool_call_response":
            events.append(_tool_result(part, message, names))
        else:
            attachments.append(part)
    if attachments:
        text = next((event for event in reversed(events) if event["type"] == "text"), None)
        if text is None:
            events.append(text := _text(""))
        text["attachments"] = attachments
    return events


def _text(content: str) -> Event:
    return {"type": "text", "content": content}


def _tool_call(part: Part, names: dict[str, str]) -> Event:
    call_id, name = as_text(part.get("id") or ""), as_text(part.get("name") or "")
    names[call_id] = name
    return {"type": "tool_call", "call_id": call_id, "name": name, "arguments": _object(part.get("arguments"))}


def _tool_result(part: Part, message: CanonicalMessage, names: dict[str, str]) -> Event:
    call_id = as_text(part.get("id") or message.tool_call_id)
    name = as_text(part.get("name") or names.get(call_id) or message.name)
    return {"type": "tool_result", "call_id": call_id, "name": name, "result": part.get("response")}


def _object(arguments: Any) -> dict[str, Any]:
    """Arguments as an object: clients take anything else for the end of the conversation."""
    if isinstance(arguments, dict):
        return arguments
    return {} if arguments is None else {"value": arguments}
