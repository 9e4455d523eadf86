"""Runs in AgentOS' three shapes, and their previews. All start from the run's dict, as ``rows.run_dict`` gives it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import ExpressionWrapper, F, TextField

from sessions_app import formats, jsontext
from sessions_app.dialects.agno import rows
from sessions_app.dialects.agno.serializers import sdk_of
from sessions_app.dialects.wire import iso_seconds, to_json
from sessions_app.jsontext import RawList
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import RunQuerySet

Run = dict[str, Any]
MOST_NAMED = 500
"""Runs whose messages are asked for by name; of more, all messages of the session are."""
PREVIEW_LENGTH = 280
_PREVIEW = ("run_id", "parent_run_id", "agent_id", "team_id", "workflow_id", "user_id", "status", "run_input")
_STAGES = {"PENDING", "EXECUTING", "PAUSED"}
_FORKS = (
    "forked_from_run_id",
    "forked_from_message_index",
    "forked_from_session_id",
    "regenerated_from",
    "last_checkpoint_at_message_index",
)
_PAUSES = ("step_requirements", "pause_kind", "paused_step_name", "paused_step_index")


def stored_runs(session: Session, asked: Mapping[str, Any]) -> Iterator[Run]:
    """The dicts of a session's runs, in order, of those that ``asked`` lets through."""
    using = session._state.db or DEFAULT_DB_ALIAS
    kept = _runs(session.pk, tuple(sorted({*asked.get("status", ())})), using=using)
    if not asked.keys().isdisjoint({"created_after", "created_before"}):
        kept = [run for run in kept if _is_between(rows.run_dict(run, (), session), asked)]
    if len(kept) < min(session.run_count, MOST_NAMED):
        messages = _messages.anew(session.pk, tuple(run.pk for run in kept), using=using)
    else:
        messages = _messages(session.pk, None, using=using)
    said: dict[int, list[str]] = defaultdict(list)
    for run, payload, format_ in messages:
        said[run].append(_chat_text(payload, format_))
    return (rows.run_dict(run, RawList(said[run.pk]), session) for run in kept)


def one_run(session: Session, run_id: str) -> Run:
    """The dict of one run. Raises RunNotFound."""
    using = session._state.db or DEFAULT_DB_ALIAS
    run = RunMetadata.objects.using(using).filter(session=session).select_related("agent").with_id(run_id)
    messages = _messages.anew(session.pk, (run.pk,), using=using)
    return rows.run_dict(run, RawList([_chat_text(payload, format_) for _, payload, format_ in messages]), session)


@Prepared
def _runs(using: str, session: int, statuses: tuple[str, ...]) -> RunQuerySet:
    runs = RunMetadata.objects.using(using).filter(session=session).in_order().select_related("agent")
    return runs.filter(status__in=statuses) if statuses else runs


@Prepared
def _messages(using: str, session: int, runs: tuple[int, ...] | None) -> Any:
    """Run, payload as it lies, and format of the messages of these runs, or of all."""
    messages = Message.objects.using(using).filter(session=session).in_order()
    of_runs = messages.exclude(run=None) if runs is None else messages.filter(run__in=runs)
    return of_runs.values_list("run", ExpressionWrapper(F("payload"), TextField()), "format")


def _chat_text(payload: str, format: str) -> str:
    return payload if format == formats.DEFAULT else to_json(rows.chat_payload(jsontext.loads(payload), format))


def schemas_of(runs: Iterator[Run], session: Session) -> list[dict[str, Any]]:
    """The runs in the shapes that the session's type gives them; a team's runs of nobody are left out."""
    shown = []
    for run in runs:
        kind = _kind(run, session.type)
        if kind:
            shown.append(schema(run, kind, session))
    return shown


def schema_of_one(run: Run, session: Session) -> dict[str, Any]:
    return schema(run, _kind(run, Session.Type.WORKFLOW) or "agent", session)


def preview(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The small form of a run in one of the three shapes."""
    content = shown.get("content")
    small = {key: shown[key] for key in _PREVIEW if shown.get(key) is not None}
    if isinstance(small.get("run_input"), str):
        small["run_input"] = small["run_input"][:PREVIEW_LENGTH]
    if content is not None:
        small["content_preview"] = (content if isinstance(content, str) else json.dumps(content))[:PREVIEW_LENGTH]
    return small | ({"created_at": shown["created_at"]} if shown["created_at"] is not None else {})


def schema(run: Run, kind: str, session: Session) -> dict[str, Any]:
    """A run in the shape of an ``agent``, a ``team`` or a ``workflow``, with null where nothing is known."""
    shared = {
        "run_id": run.get("run_id", ""),
        f"{kind}_id": run.get(f"{kind}_id", ""),
        "user_id": run.get("user_id", None if kind == "team" else ""),
        "status": run.get("status", "" if kind == "workflow" else None),
        "cancellation_stage": run.get("cancellation_stage") if run.get("cancellation_stage") in _STAGES else None,
        "content": _content(run.get("content", "")),
        "reasoning_content": run.get("reasoning_content", ""),
        "reasoning_steps": run.get("reasoning_steps", []),
        "reasoning_messages": run.get("reasoning_messages", []),
        "metrics": run.get("metrics", {}),
        "created_at": _moment(run.get("created_at")),
        "references": run.get("references", []),
        "citations": run.get("citations"),
        **{media: run.get(media, []) for media in ("images", "videos", "audio", "files")},
        "response_audio": run.get("response_audio"),
    }
    if kind == "workflow":
        return shared | {
            "run_input": _workflow_input(run),
            "content_type": run.get("content_type", ""),
            "events": run.get("events", []),
            "step_results": run.get("step_results", []),
            "step_executor_runs": run.get("step_executor_runs", []),
            **{key: run.get(key) for key in _PAUSES},
        }
    return (
        shared
        | {
            "parent_run_id": run.get("parent_run_id", ""),
            "run_input": _run_input(run),
            "run_response_format": "text" if run.get("content_type", "str") == "str" else "json",
            **{key: run.get(key) or None for key in ("messages", "tools", "events")},
            **{key: run.get(key) for key in ("session_state", "followups", *_FORKS)},
            "input_media": _input_media(run.get("input")),
        }
        | ({"metadata": _metadata(run, session)} if kind == "agent" else {})
    )


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


def _metadata(run: Run, session: Session) -> Any:
    mine = run.get("agent_id") in (None, "", session.agent.agent_id if session.agent else None)
    sdk = sdk_of(session) if mine else None
    stored = run.get("metadata")
    return {**(stored if isinstance(stored, dict) else {}), "sdk": sdk} if sdk else stored


def _input_media(given: Any) -> dict[str, Any]:
    media = given if isinstance(given, dict) else {}
    return {name: media.get(name) or [] for name in ("images", "videos", "audios", "files")}


def _run_input(run: Run) -> str:
    given = run.get("input")
    content = given.get("input_content") if isinstance(given, dict) else given
    return _last_user_text(run.get("messages")) or "" if content is None else _as_text(content)


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
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        try:
            return iso_seconds(datetime.fromtimestamp(seconds, UTC))
        except (ValueError, OverflowError, OSError):
            return None
    return seconds if isinstance(seconds, str) else None
