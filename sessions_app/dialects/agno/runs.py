"""Runs in AgentOS' three shapes, and their previews. All start from the run's dict, as ``mappings`` give it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sessions_app.dialects.agno.serializers import sdk_of
from sessions_app.dialects.wire import iso_seconds
from sessions_app.jsontext import RawList
from sessions_app.models import Session

Run = dict[str, Any]
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


class Frame(NamedTuple):
    """What of a session the shapes of its runs depend on."""

    type: str
    agent_id: str | None
    sdk: str | None


def frame_of(session: Session) -> Frame:
    return Frame(session.type, session.agent.agent_id if session.agent else None, sdk_of(session))


def shown_in(frame: Frame, run: Run) -> dict[str, Any] | None:
    """The run in the shape that a session gives it. None where it shows none: a team, of a run of nobody."""
    kind = _kind(run, frame.type)
    return _shape(run, kind, frame) if kind else None


def shown_alone(run: Run, session: Session) -> dict[str, Any]:
    """The same of a run that is asked for itself, whatever it ran in, with null where nothing is known."""
    kind = _kind(run, Session.Type.WORKFLOW) or "agent"
    return dict.fromkeys(_UNKNOWN[kind]) | _shape(run, kind, frame_of(session))


def _shape(run: Run, kind: str, frame: Frame) -> dict[str, Any]:
    """The run in the shape of an ``agent``, a ``team`` or a ``workflow``, without what is null."""
    shown = _UNKNOWN[kind].copy()
    for name, value in run.items():
        if name in shown:
            shown[name] = value
    shown["content"] = _content(shown["content"])
    shown["created_at"] = _moment(shown["created_at"])
    if shown["cancellation_stage"] not in _STAGES:
        shown["cancellation_stage"] = None
    if kind == "workflow":
        shown["run_input"] = _workflow_input(run)
    else:
        _say(shown, run)
    # The agent's id may be anything, also what no set could hold.
    if frame.sdk and kind == "agent" and run.get("agent_id") in (None, "", frame.agent_id):
        stored = run.get("metadata")
        shown["metadata"] = {**(stored if isinstance(stored, dict) else {}), "sdk": frame.sdk}
    return {name: value for name, value in shown.items() if value is not None}


def preview(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The small form of a run in one of the three shapes."""
    content = shown.get("content")
    small = {key: shown[key] for key in _PREVIEW if shown.get(key) is not None}
    if isinstance(small.get("run_input"), str):
        small["run_input"] = small["run_input"][:PREVIEW_LENGTH]
    if content is not None:
        small["content_preview"] = (content if isinstance(content, str) else json.dumps(content))[:PREVIEW_LENGTH]
    return small | ({"created_at": shown["created_at"]} if shown.get("created_at") is not None else {})


def _say(shown: Run, run: Run) -> None:
    """Add what only an agent's and a team's shape make of a run."""
    given = run.get("input")
    shown["run_input"] = _run_input(given, shown["messages"])
    shown["run_response_format"] = "text" if run.get("content_type", "str") == "str" else "json"
    shown["messages"] = shown["messages"] or None
    shown["tools"] = shown["tools"] or None
    shown["events"] = shown["events"] or None
    shown["input_media"] = _input_media(given)


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


_UNKNOWN = {kind: _unknown(kind) for kind in Session.Type.values}


def _kind(run: Run, session_type: str) -> str | None:
    """Which of the three shapes a run has in a session of this type; None: it is not shown."""
    if session_type == Session.Type.AGENT:
        return "agent"
    if session_type == Session.Type.TEAM:
        return next((kind for kind in ("agent", "team") if run.get(f"{kind}_id") is not None), None)
    return next((kind for kind in ("workflow", "team") if run.get(f"{kind}_id") is not None), "agent")


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
