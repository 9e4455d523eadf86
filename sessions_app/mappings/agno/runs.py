"""Run dicts of agno's own tables.

A run's ``details`` hold what of its dict has no column; in ``ABSENT`` the columns that it did not name; in ``ROW`` what
agno's own row said besides the dict; and in ``NOT_FINITE`` where numbers stood that JSON cannot say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import datetime
from typing import Any, NamedTuple

from sessions_app import formats, notfinite, services
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import openai_chat
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.mappings.agno.sessions import NOT_FINITE, component, moment_of
from sessions_app.models import Agent, Message, Project, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import NewMessage
from sessions_app.text import MAX_IDENTIFIER_LENGTH, has_control_characters, is_storable

ABSENT = "_absent"
ROW = "_row"
_DEFAULTS: dict[str, Any] = {
    "parent_run_id": None,
    "user_id": None,
    "status": RunMetadata.Status.COMPLETED.value,
    "input": None,
    "content": None,
    "model_provider": "",
    "model": "",
}
"""The keys of a run's dict that have a column, and what such a column holds where nobody gave it anything."""
_COLUMNS = {"model": "model_id"}
_SHOWN_COLUMNS = tuple((key, _COLUMNS.get(key, key), default) for key, default in _DEFAULTS.items())


class ShownRun(NamedTuple):
    """The columns that a run's dict is made of, of a run that is only read: a model's instance takes longer to make
    than its dict.
    """

    pk: int
    run_id: str
    created_at: datetime
    parent_run_id: str | None
    user_id: str | None
    status: str
    model_provider: str
    model_id: str
    agent_id: int | None
    tokens: Sequence[int]
    """As ``TOKEN_FIELDS``."""
    details: Any
    input: Any
    content: Any

    @property
    def usage(self) -> dict[str, int]:
        return dict(zip(TOKEN_FIELDS, self.tokens, strict=True))


def store_run(session: Session, run: Mapping[str, Any]) -> RunMetadata:
    """Keep a run's dict at the end of the session, once for each ``run_id``. Raises InvalidValue."""
    stored, _ = services.record_run(
        session=session,
        run_id=run["run_id"],
        agent=agent_of(session.project, run),
        messages=[NewMessage(payload) for payload in payloads_of(run)],
        **run_values(run),
    )
    return stored


def run_values(run: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a run that its dict fills, besides its id, agent and messages."""
    moment = moment_of(run.get("created_at"))
    columns = {key: run[key] for key in _DEFAULTS if key in run and _fits(key, run[key])}
    held = {"run_id", *columns, *(("messages",) if payloads_of(run) else ()), *(("created_at",) if moment else ())}
    absent = [key for key in (*_DEFAULTS, "messages", "created_at") if key not in run]
    return {
        **{_COLUMNS.get(key, key): value for key, value in columns.items()},
        **({"created_at": moment} if moment is not None else {}),
        "usage": _usage(run.get("metrics")),
        "details": {**{key: value for key, value in run.items() if key not in held}, ABSENT: absent},
    }


def lossless_values(run: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """All columns of a run, and its messages' payloads, for writers in Python.

    ``row`` is what agno's own row says besides the dict: ``user_id`` and ``run_type``.
    """
    plain, places = notfinite.set_aside(dict(run))
    values = {_COLUMNS.get(key, key): default for key, default in _DEFAULTS.items()} | run_values(plain)
    if "user_id" in plain:
        values["details"]["user_id"] = plain["user_id"]
    values["user_id"] = row["user_id"]
    values["details"][ROW] = dict(row)
    if places:
        values["details"][NOT_FINITE] = places
    return values, payloads_of(plain)


def agent_of(project: Project, run: Mapping[str, Any], *, in_hand: Agent | None = None) -> Any:
    """Who ran, made on the first mention."""
    kind, component_id = component_of(run)
    return component(project, kind, component_id, {"name": run.get(f"{kind}_name")}, in_hand=in_hand)


def component_of(run: Mapping[str, Any]) -> tuple[str, Any]:
    """What kind of thing ran, and its id."""
    for kind in ("agent", "team"):
        if run.get(f"{kind}_id") or run.get(f"{kind}_name"):
            return kind, run.get(f"{kind}_id")
    return "workflow", run.get("workflow_id")


def payloads_of(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A run's messages; none where any of them is no message that the store knows."""
    messages = run.get("messages")
    if not isinstance(messages, list):
        return []
    check = formats.get(formats.DEFAULT).check
    try:
        for message in messages:
            check(message)
    except InvalidValue:
        return []
    return messages


def run_dict(
    run: RunMetadata | ShownRun, payloads: Sized, session: Session, agent: Agent | None = None
) -> dict[str, Any]:
    """A run as an agno writer gave it, with what has changed since; any other run in the same words.

    ``payloads`` are its messages', as ``chat_payload`` gives them, in whatever list the reader wants. ``agent`` ran,
    where it is another one than the session's; only of a run by other writers does it matter.
    """
    if not is_agno(run):
        return _foreign_run(run, payloads, session, agent or session.agent)
    return agno_run_dict(run, payloads)


def agno_run_dict(run: RunMetadata | ShownRun, payloads: Sized) -> dict[str, Any]:
    """The same of a run that ``is_agno``: it alone says it all."""
    shown: dict[str, Any] = {"run_id": run.run_id, **run.details}
    absent, row = shown.pop(ABSENT), shown.pop(ROW, None)
    shown.pop(NOT_FINITE, None)
    kept = "user_id" if row and row["user_id"] == run.user_id else None
    for key, column, default in _SHOWN_COLUMNS:
        value = getattr(run, column)
        if key != kept and (value != default or (key not in absent and key not in shown)):
            shown[key] = value
    if "created_at" not in absent and "created_at" not in shown:
        shown["created_at"] = int(run.created_at.timestamp())
    if payloads:
        shown["messages"] = payloads
    elif "messages" not in absent and "messages" not in shown:
        shown["messages"] = []
    return shown


def is_agno(run: RunMetadata | ShownRun) -> bool:
    """Whether an agno writer gave this run. Of any other one, the dict also names the agent."""
    return isinstance(run.details, dict) and isinstance(run.details.get(ABSENT), list)


def run_row(run: RunMetadata, messages: Iterable[Message], session: Session) -> dict[str, Any]:
    """The row of a stored run, as its writer in Python gave it; ``run_data`` is its dict."""
    details = run.details if isinstance(run.details, dict) else {}
    payloads = [chat_payload(message.payload, message.format) for message in messages]
    data = run_dict(run, payloads, session, run.agent)
    if places := details.get(NOT_FINITE):
        data = notfinite.put_back(data, places)
    row = details.get(ROW) or {}
    return {
        "run_id": run.run_id,
        "session_id": session.session_id,
        "run_type": row.get("run_type") or component_of(data)[0],
        **{f"{kind}_id": data.get(f"{kind}_id") for kind in ("agent", "team", "workflow")},
        "user_id": run.user_id,
        "parent_run_id": data.get("parent_run_id"),
        "status": data.get("status"),
        "run_index": run.position,
        "run_data": data,
        "created_at": data.get("created_at") or int(run.created_at.timestamp()),
        "updated_at": int(run.updated_at.timestamp()),
    }


def chat_payload(payload: Any, format: str) -> dict[str, Any]:
    """A message as a chat completion message, which agno's own messages extend."""
    if format == formats.DEFAULT:
        shown: dict[str, Any] = payload
        return shown
    return openai_chat.render(formats.read(payload, format))


def _foreign_run(run: RunMetadata | ShownRun, payloads: Sized, session: Session, agent: Agent | None) -> dict[str, Any]:
    kind = agent.type if agent else session.type
    words = {"user_id": run.user_id if run.user_id is not None else session.user_id}
    words |= {"parent_run_id": run.parent_run_id, "model": run.model_id, "model_provider": run.model_provider}
    given = run.input if kind == "workflow" or run.input is None else {"input_content": run.input}
    return {
        "run_id": run.run_id,
        f"{kind}_id": agent.agent_id if agent else "",
        **{key: value for key, value in words.items() if value},
        "status": run.status,
        **({} if given is None else {"input": given}),
        "content": run.content if run.content is not None else "",
        "content_type": "str" if run.content is None or isinstance(run.content, str) else "dict",
        "metrics": run.usage if any(run.usage.values()) else {},
        **({"messages": payloads} if payloads else {}),
        "created_at": int(run.created_at.timestamp()),
    }


def _fits(key: str, value: Any) -> bool:
    if key == "status":
        return isinstance(value, str) and value in RunMetadata.Status.values
    if key in {"input", "content"}:
        return value is not None
    is_text = isinstance(value, str) and 0 < len(value) <= MAX_IDENTIFIER_LENGTH
    return is_text and is_storable(value) and not has_control_characters(value)


def _usage(metrics: Any) -> dict[str, int] | None:
    if not isinstance(metrics, dict):
        return None
    counts = {name: metrics.get(name) for name in TOKEN_FIELDS}
    return {name: count for name, count in counts.items() if type(count) is int and 0 <= count <= MAX_TOKENS}
