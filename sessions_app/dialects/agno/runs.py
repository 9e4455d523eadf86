"""Runs in AgentOS' three shapes, and their previews. All start from the run's dict, as ``rows.run_dict`` gives it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, Q, Value

from sessions_app import formats
from sessions_app.dialects.agno import rows
from sessions_app.dialects.agno.serializers import sdk_of
from sessions_app.dialects.wire import iso_seconds, to_json
from sessions_app.joined import JoinedTexts, can_join, split
from sessions_app.jsontext import RawList
from sessions_app.mappings.agno.runs import ShownRun, is_agno
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.prepared import Prepared
from sessions_app.reading import Unready, as_written, text_for

Run = dict[str, Any]
MOST_NAMED = 500
"""Runs whose messages are asked for by name; of more, all messages of the session are."""
PREVIEW_LENGTH = 280
_PREVIEW = ("run_id", "parent_run_id", "agent_id", "team_id", "workflow_id", "user_id", "status", "run_input")
_TWO_DIGITS = [f"{number:02}" for number in range(60)]
_STAGES = ("PENDING", "EXECUTING", "PAUSED")
_FORKS = (
    "forked_from_run_id",
    "forked_from_message_index",
    "forked_from_session_id",
    "regenerated_from",
    "last_checkpoint_at_message_index",
)
_NO_MEDIA: Run = {name: [] for name in ("images", "videos", "audios", "files")}
_PAUSES = ("step_requirements", "pause_kind", "paused_step_name", "paused_step_index")
_MOMENTS = {"created_after", "created_before"}
_TEXT = text_for(Q(format=formats.DEFAULT))


def stored_runs(session: Session, asked: Mapping[str, Any]) -> Iterator[Run]:
    """The dicts of a session's runs, in order, of those that ``asked`` lets through."""
    using = session._state.db or DEFAULT_DB_ALIAS
    statuses, of_moments = tuple(sorted({*asked.get("status", ())})), not asked.keys().isdisjoint(_MOMENTS)
    # Not where Python leaves runs out: their messages would be read for nothing.
    joined = can_join(using) and not of_moments
    kept = [ShownRun._make(row) for row in _runs(session.pk, statuses, joined, using=using)]
    if of_moments:
        kept = [run for run in kept if _is_between(rows.run_dict(run, (), session), asked)]
    texts = [split(run.texts) for run in kept] if joined else _texts_of(kept, session, using)
    agents = _other_agents(kept, session, using)
    for run, said in zip(kept, texts, strict=True):
        yield rows.run_dict(run, RawList(as_written(said, _chat_text, using)), session, agents.get(run.agent_id))


def one_run(session: Session, run_id: str) -> Run:
    """The dict of one run. Raises RunNotFound."""
    using = session._state.db or DEFAULT_DB_ALIAS
    run = RunMetadata.objects.using(using).filter(session=session).select_related("agent").with_id(run_id)
    (said,) = _texts_of([run], session, using)
    return rows.run_dict(run, RawList(as_written(said, _chat_text, using)), session, run.agent)


@Prepared
def _runs(using: str, session: int, statuses: tuple[str, ...], joined: bool) -> Any:
    """The runs of a session as ``ShownRun`` has them; ``joined`` with their messages' texts, which saves a statement,
    and a row for each message.
    """
    runs = RunMetadata.objects.using(using).filter(session=session).in_order()
    runs = runs.filter(status__in=statuses) if statuses else runs
    said = Message.objects.using(using).filter(run=OuterRef("pk")).in_order().values_list(_TEXT)
    texts = JoinedTexts(said) if joined else Value("")
    return runs.annotate(texts=texts).values_list(*ShownRun._fields)


def _other_agents(runs: list[ShownRun], session: Session, using: str) -> dict[int | None, Agent]:
    """The agents, by key, of those runs whose dicts name them, but for the session's, which is at hand."""
    own = {None, session.agent_id}
    keys = {run.agent_id for run in runs if run.agent_id not in own and not is_agno(run)}
    return {**Agent.objects.using(using).in_bulk(keys)} if keys else {}


def _texts_of(runs: Sequence[RunMetadata | ShownRun], session: Session, using: str) -> list[list[str]]:
    """The texts of the messages of each of those runs, which came without them."""
    if len(runs) < min(session.run_count, MOST_NAMED):
        found = _texts.anew(session.pk, tuple(run.pk for run in runs), using=using)
    else:
        found = _texts(session.pk, None, using=using)
    said: dict[int, list[str]] = defaultdict(list)
    for run, text in found:
        said[run].append(text)
    return [said[run.pk] for run in runs]


@Prepared
def _texts(using: str, session: int, runs: tuple[int, ...] | None) -> Any:
    """Run and text of the messages of these runs, or of all."""
    messages = Message.objects.using(using).filter(session=session).in_order()
    of_runs = messages.exclude(run=None) if runs is None else messages.filter(run__in=runs)
    return of_runs.values_list("run", _TEXT)


def _chat_text(message: Unready) -> str:
    return to_json(rows.chat_payload(message.payload, message.format))


def schemas_of(runs: Iterable[Run], session: Session, *, as_in: str | None = None) -> list[dict[str, Any]]:
    """The runs in the shapes that a session of the type ``as_in`` gives them: by default, of its own.

    A team's runs of nobody are left out.
    """
    sdk, own_ids = sdk_of(session), (None, "", session.agent.agent_id if session.agent else None)
    shown = []
    for run in runs:
        kind = _kind(run, as_in or session.type)
        if kind:
            is_own = kind == "agent" and run.get("agent_id") in own_ids
            shown.append(schema(run, kind, sdk if is_own else None))
    return shown


def schema_of_one(run: Run, session: Session) -> dict[str, Any]:
    """The same of one run, with null where nothing is known."""
    (shown,) = schemas_of([run], session, as_in=Session.Type.WORKFLOW)
    kind = _kind(run, Session.Type.WORKFLOW) or "agent"
    return dict.fromkeys(_UNKNOWN[kind]) | shown


def preview(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The small form of a run in one of the three shapes."""
    content = shown.get("content")
    small = {key: shown[key] for key in _PREVIEW if shown.get(key) is not None}
    if isinstance(small.get("run_input"), str):
        small["run_input"] = small["run_input"][:PREVIEW_LENGTH]
    if content is not None:
        small["content_preview"] = (content if isinstance(content, str) else json.dumps(content))[:PREVIEW_LENGTH]
    return small | ({"created_at": shown["created_at"]} if shown.get("created_at") is not None else {})


def schema(run: Run, kind: str, sdk: str | None = None) -> dict[str, Any]:
    """A run in the shape of an ``agent``, a ``team`` or a ``workflow``, without what is null."""
    unknown = _UNKNOWN[kind]
    known = {**unknown, **run}
    known["content"] = _content(known["content"])
    known["created_at"] = _moment(known["created_at"])
    if known["cancellation_stage"] not in _STAGES:
        known["cancellation_stage"] = None
    if kind == "workflow":
        known["run_input"] = _workflow_input(run)
    else:
        _say(known)
    if sdk:
        stored = run.get("metadata")
        known["metadata"] = {**(stored if isinstance(stored, dict) else {}), "sdk": sdk}
    # The shape's keys stand first, so that none of them need be looked for in the run, which would take longer.
    return {key: value for key, value in islice(known.items(), len(unknown)) if value is not None}


def _say(known: Run) -> None:
    """Add to a run what only an agent's and a team's shape make of it."""
    given = known.get("input")
    known["run_input"] = _run_input(given, known["messages"])
    known["run_response_format"] = "text" if known.get("content_type", "str") == "str" else "json"
    known["messages"] = known["messages"] or None
    known["tools"] = known["tools"] or None
    known["events"] = known["events"] or None
    known["input_media"] = _input_media(given)


def _unknown(kind: str) -> dict[str, Any]:
    """The keys of a shape, in order, each with what is said where a run has no such key."""
    shared: Run = {
        "run_id": "",
        f"{kind}_id": "",
        "user_id": None if kind == "team" else "",
        "status": "" if kind == "workflow" else None,
        "cancellation_stage": None,
        "content": "",
        "reasoning_content": "",
        "reasoning_steps": [],
        "reasoning_messages": [],
        "metrics": {},
        "created_at": None,
        "references": [],
        "citations": None,
        **{media: [] for media in ("images", "videos", "audio", "files")},
        "response_audio": None,
    }
    if kind == "workflow":
        steps: Run = {"events": [], "step_results": [], "step_executor_runs": []}
        return shared | {"run_input": None, "content_type": "", **steps, **dict.fromkeys(_PAUSES)}
    said = ("run_input", "run_response_format", "messages", "tools", "events", "session_state", "followups", *_FORKS)
    own = ("input_media", "metadata") if kind == "agent" else ("input_media",)
    return shared | {"parent_run_id": "", **dict.fromkeys((*said, *own))}


_UNKNOWN = {kind: _unknown(kind) for kind in rows.COMPONENTS}


def _kind(run: Run, session_type: str) -> str | None:
    """Which of the three shapes a run has in a session of this type; None: it is not shown."""
    if session_type == Session.Type.AGENT:
        return "agent"
    if session_type == Session.Type.TEAM:
        return next((kind for kind in ("agent", "team") if run.get(f"{kind}_id") is not None), None)
    return next((kind for kind in ("workflow", "team") if run.get(f"{kind}_id") is not None), "agent")


def _is_between(run: Run, asked: Mapping[str, Any]) -> bool:
    moment = run.get("created_at")
    if not isinstance(moment, int | float):
        return True
    after, before = asked.get("created_after"), asked.get("created_before")
    return (after is None or moment >= after) and (before is None or moment <= before)


def _content(content: Any) -> Any:
    return content if content is None or isinstance(content, str | dict) else json.dumps(content)


def _input_media(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.keys().isdisjoint(_NO_MEDIA):
        return _NO_MEDIA
    return {name: given.get(name) or [] for name in _NO_MEDIA}


def _run_input(given: Any, messages: Any) -> str:
    content = given.get("input_content") if isinstance(given, dict) else given
    return _last_user_text(messages) or "" if content is None else _as_text(content)


def _workflow_input(run: Run) -> str:
    if run.get("input") is not None:
        return _as_text(run["input"])
    steps = run.get("step_executor_runs")
    step = steps[0] if isinstance(steps, list) and steps and isinstance(steps[0], dict) else {}
    return _last_user_text(step.get("messages")) or _last_user_text(run.get("messages")) or ""


def _as_text(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict) and value[0].get("role") == "user":
        return _message_text(value[0].get("content"))
    if isinstance(value, dict):
        return json.dumps(value, indent=2)
    return str(value)


def _last_user_text(messages: Any) -> str | None:
    if isinstance(messages, RawList):
        messages = messages.values()
    said = [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
    return next((_message_text(each.get("content")) for each in reversed(said) if each.get("role") == "user"), None)


def _message_text(content: Any) -> str:
    """A message's content; of one in parts, its text parts."""
    if isinstance(content, list):
        texts = [part.get("text") if isinstance(part, dict) else part for part in content]
        return "\n".join(text for text in texts if isinstance(text, str))
    return "" if content is None else content if isinstance(content, str) else json.dumps(content)


def _moment(seconds: Any) -> str | None:
    try:
        if type(seconds) is int:
            # Not by way of a datetime of each run, which would take more than twice as long.
            day, second = divmod(seconds, 86400)
            hours, minutes = _TWO_DIGITS[second // 3600], _TWO_DIGITS[second // 60 % 60]
            return f"{_day(day)}T{hours}:{minutes}:{_TWO_DIGITS[second % 60]}Z"
        if type(seconds) is float:
            return iso_seconds(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if isinstance(seconds, str) else None


@lru_cache
def _day(number: int) -> str:
    """The date of a day since 1970. Raises as ``datetime.fromtimestamp`` does."""
    return datetime.fromtimestamp(number * 86400, UTC).date().isoformat()
