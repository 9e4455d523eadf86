"""A document, checked and taken apart: every key that it may have, and what each may hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sessions_app import formats
from sessions_app.documents import readers
from sessions_app.documents.readers import Reader, read_at, read_object
from sessions_app.exceptions import InvalidValue, Location
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, RunMetadata, Session
from sessions_app.models.sessions import MAX_TAG_LENGTH
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS, TOKEN_FIELDS, complete_usage
from sessions_app.services.runfields import MAX_TURNS

_agent_type = readers.choice(Agent.Type.values)
_moments: dict[str, Reader] = {"created_at": readers.moment, "updated_at": readers.moment}
_agent: dict[str, Reader] = {
    "agent_id": readers.identifier,
    "agent_type": _agent_type,
    "agent_name": readers.short_text,
}

HEADER: dict[str, Reader] = {
    "session_id": readers.identifier,
    "type": readers.choice(Session.Type.values),
    **_agent,
    "model": readers.object_of(dict.fromkeys(("provider", "name", "id"), readers.short_text)),
    "user_id": readers.short_text,
    "name": readers.text,
    "metadata": readers.json_object,
    "state": readers.json_value,
    "summary": readers.json_object,
    "tags": readers.list_of(readers.short_identifier(MAX_TAG_LENGTH)),
    "index_ids": readers.list_of(readers.text),
    "shared_access": readers.choice(Session.SharedAccess.values),
    "details": readers.json_value,
    "parent_session_id": readers.identifier,
    "branched_at": readers.count(MAX_TOKENS),
    **_moments,
}
RUN: dict[str, Reader] = {
    "run_id": readers.identifier,
    "parent_run_id": readers.short_text,
    **_agent,
    "user_id": readers.short_text,
    "status": readers.choice(RunMetadata.Status.values),
    "input": readers.json_value,
    "content": readers.json_value,
    "model": readers.object_of(dict.fromkeys(("provider", "id"), readers.short_text)),
    "usage": readers.object_of(dict.fromkeys(TOKEN_FIELDS, readers.count(MAX_TOKENS))),
    "duration_ms": readers.duration,
    "turns": readers.count(MAX_TURNS),
    "is_error": readers.flag,
    "error": readers.text,
    "export_config_ids": readers.list_of(readers.text),
    "details": readers.json_value,
    **_moments,
}
ENVELOPE: dict[str, Reader] = {
    "payload": readers.json_object,
    "format": readers.message_format,
    "run_id": readers.identifier,
    "created_at": readers.moment,
}
_DOCUMENT: dict[str, Reader] = {
    **HEADER,
    "format": readers.message_format,
    "runs": readers.list_as_it_is,
    "messages": readers.list_as_it_is,
}
_RUN_WITH_MESSAGES: dict[str, Reader] = {**RUN, "messages": readers.list_as_it_is}


@dataclass(slots=True)
class ParsedMessage:
    """A message, and where it (``payload_location``: what it says) lay in its document."""

    location: Location
    payload_location: Location
    payload: dict[str, Any]
    format: str
    run_id: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document's values by key, with defaults where a default is always the same one.

    ``messages`` are all of them in their order: the document's own, then those that its runs held.
    """

    header: dict[str, Any]
    runs: list[dict[str, Any]]
    messages: list[ParsedMessage]


def parse(document: Any) -> ParsedDocument:
    """A document taken apart. Raises InvalidValue with the way to the culprit."""
    values = read_object(document, _DOCUMENT, required=["session_id"])
    default_format = values.pop("format", formats.DEFAULT)
    raw_runs, raw_messages = values.pop("runs", []), values.pop("messages", [])
    runs: dict[str, dict[str, Any]] = {}
    messages = [_message(raw, default_format, ("messages", index)) for index, raw in enumerate(raw_messages)]
    for index, raw in enumerate(raw_runs):
        run, raw_messages = read_at(_split_run, raw, "runs", index)
        if run["run_id"] in runs:
            raise InvalidValue("Another run of this document has this id", location=("runs", index, "run_id"))
        runs[run["run_id"]] = run
        at = ("runs", index, "messages")
        messages += [_message(raw, default_format, (*at, i), run["run_id"]) for i, raw in enumerate(raw_messages)]
    for message in messages:
        if message.run_id is not None and message.run_id not in runs:
            raise InvalidValue("The document has no such run", location=(*message.location, "run_id"))
    _add_up_usage(runs, messages)
    return ParsedDocument(header_values(values), list(runs.values()), messages)


def header_values(values: dict[str, Any]) -> dict[str, Any]:
    """A session's own values with their defaults."""
    _check_agent(values, "agent_type", "agent_name", "model")
    values.setdefault("type", Session.Type.AGENT.value)
    if "agent_id" in values:
        values.setdefault("agent_type", values["type"])
    values["tags"] = sorted(set(values.get("tags", [])))
    return values


def run_values(values: dict[str, Any]) -> dict[str, Any]:
    """A run's values with their defaults; ``usage`` is None where the document does not say."""
    _check_agent(values, "agent_type", "agent_name")
    if "agent_id" in values:
        values.setdefault("agent_type", Agent.Type.AGENT.value)
    status = values.setdefault("status", RunMetadata.Status.COMPLETED.value)
    values.setdefault("is_error", status == RunMetadata.Status.ERROR)
    values.setdefault("turns", 1)
    values["model"] = {key: value for key, value in values.get("model", {}).items() if value}
    values["usage"] = complete_usage(values["usage"]) if "usage" in values else None
    return values


def _split_run(raw: Any) -> tuple[dict[str, Any], list[Any]]:
    values = read_object(raw, _RUN_WITH_MESSAGES, required=["run_id"])
    messages = values.pop("messages", [])
    return run_values(values), messages


def _check_agent(values: dict[str, Any], *describing: str) -> None:
    for key in describing:
        if key in values and "agent_id" not in values:
            raise InvalidValue("Describes an agent, but there is no agent_id", location=(key,))


def _message(raw: Any, default_format: str, location: Location, run_id: str | None = None) -> ParsedMessage:
    if not is_envelope(raw):
        values, payload_location = {"payload": raw}, location
    else:
        values, payload_location = read_at(_envelope, raw, *location), (*location, "payload")
    if run_id is not None and values.setdefault("run_id", run_id) != run_id:
        raise InvalidValue("The message lies in another run", location=(*location, "run_id"))
    format_ = values.get("format", default_format)
    read_at(formats.get(format_).check, values["payload"], *payload_location)
    return ParsedMessage(
        location=location,
        payload_location=payload_location,
        payload=values["payload"],
        format=format_,
        run_id=values.get("run_id"),
        created_at=values.get("created_at"),
    )


def is_envelope(raw: Any) -> bool:
    """Whether this is not a native message but one in our wrapping, which says more than the message itself."""
    return isinstance(raw, dict) and isinstance(raw.get("payload"), dict) and "role" not in raw


def _envelope(raw: Any) -> dict[str, Any]:
    return read_object(raw, ENVELOPE)


def _add_up_usage(runs: dict[str, dict[str, Any]], messages: list[ParsedMessage]) -> None:
    """Give runs that do not say what they cost the sums of their messages."""
    spent = {run_id: dict.fromkeys(TOKEN_FIELDS, 0) for run_id, run in runs.items() if run["usage"] is None}
    for message in messages if spent else []:
        if message.run_id in spent:
            reading = formats.read(message.payload, message.format)
            for name in () if reading.from_history else MESSAGE_TOKEN_FIELDS:
                spent[message.run_id][name] += getattr(reading.usage, name)
    for run_id, usage in spent.items():
        runs[run_id]["usage"] = complete_usage(usage)
