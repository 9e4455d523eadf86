"""How AgentOS' session rows and run dicts lie in our store, and how they come out of it again, equal.

A session's ``details`` hold ``session_data`` (without the name and the state, which have columns) and
``agent_data``, ``team_data``, ``workflow_data``. That ``session_data`` is there says: an AgentOS writer keeps this
session. A run's ``details`` hold what of its dict has no column, and in ``ABSENT`` the columns that it did not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sessions_app import formats, services
from sessions_app.exceptions import InvalidValue
from sessions_app.formats import openai_chat
from sessions_app.formats.canonical import MAX_TOKENS
from sessions_app.models import Agent, Message, Project, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.querysets import SessionQuerySet
from sessions_app.services import NewMessage
from sessions_app.text import MAX_IDENTIFIER_LENGTH, as_text, has_control_characters, is_storable

COMPONENTS = ("agent", "team", "workflow")
ABSENT = "_absent"
RESERVED_METADATA = {"agno_dispatch_chain", "agno_dispatch_depth", "agno_component_version"}
"""Keys that AgentOS' own dispatcher trusts, so that no client may set them."""
CHUNK = 500
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


def store_rows(project: Project, sessions: Iterable[Mapping[str, Any]], runs: Iterable[Mapping[str, Any]]) -> None:
    """Keep the rows of AgentOS' two tables. Runs do not move their session's ``updated_at``."""
    stored = {row["session_id"]: store_session(project, row) for row in sessions}
    for row in sorted(runs, key=lambda row: (row.get("run_index") or 0, row.get("created_at") or 0, row["run_id"])):
        store_run(stored[row["session_id"]], row["run_data"])
    for session in stored.values():
        services.update_session(session=session, updated_at=session.updated_at)


def store_session(project: Project, row: Mapping[str, Any]) -> Session:
    """Keep an AgentOS session row. Raises SessionExists, InvalidValue."""
    type_ = row.get("session_type") or next((kind for kind in COMPONENTS if row.get(f"{kind}_id")), "agent")
    data = row.get("session_data")
    created_at, updated_at = _moment(row.get("created_at")), _moment(row.get("updated_at"))
    moments: dict[str, Any] = {"created_at": created_at, "updated_at": updated_at}
    return services.create_session(
        project=project,
        session_id=row.get("session_id"),
        type=type_,
        agent=component(project, type_, row.get(f"{type_}_id"), row.get(f"{type_}_data")),
        user_id=row.get("user_id"),
        metadata=row.get("metadata"),
        summary=row.get("summary"),
        details=details_of(data, {kind: row.get(f"{kind}_data") for kind in COMPONENTS}),
        **name_and_state(data),
        **{name: moment for name, moment in moments.items() if moment is not None},
    )


def new_row(type: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a session that AgentOS makes: of the component ids it keeps the type's own."""
    data = {key: given[key] for key in ("session_name", "session_state") if key in given}
    least: dict[str, Any] | None = {} if type == Session.Type.WORKFLOW else None
    metadata = without_reserved(given["metadata"]) if "metadata" in given else None
    return {
        "session_id": given.get("session_id") or None,
        "session_type": type,
        "user_id": given.get("user_id"),
        f"{type}_id": given.get(f"{type}_id"),
        "session_data": data or least,
        "workflow_data": least,
        "metadata": least if metadata is None else metadata,
    }


def delete_sessions(sessions: SessionQuerySet, session_ids: Iterable[str]) -> None:
    """Delete those of ``sessions`` that have one of these ids; others are passed over."""
    wanted = [session_id for session_id in dict.fromkeys(session_ids) if is_storable(session_id)]
    for start in range(0, len(wanted), CHUNK):
        services.delete_sessions(sessions=sessions.filter(session_id__in=wanted[start : start + CHUNK]))


def without_reserved(metadata: dict[str, Any]) -> dict[str, Any] | None:
    """Metadata without the reserved keys; None where nothing else was there."""
    kept = {key: value for key, value in metadata.items() if key not in RESERVED_METADATA}
    return None if metadata and not kept else kept


def details_of(session_data: Any, component_data: Mapping[str, Any]) -> dict[str, Any]:
    """``details`` of a session that an AgentOS writer keeps."""
    kept = session_data
    if isinstance(session_data, dict):
        columns = name_and_state(session_data)
        kept = {key: value for key, value in session_data.items() if not _is_in_column(key, value, columns)}
    return {"session_data": kept, **{f"{kind}_data": component_data.get(kind) for kind in COMPONENTS}}


def name_and_state(session_data: Any) -> dict[str, Any]:
    """The columns that hold a part of ``session_data``. A name that is no text is kept as the text that it shows."""
    data = session_data if isinstance(session_data, dict) else {}
    name = data.get("session_name")
    return {"name": None if name is None else as_text(name), "state": data.get("session_state")}


def session_data(session: Session) -> Any:
    """``session_data`` as it is now; of a session written otherwise, its name and state."""
    details = session.details if isinstance(session.details, dict) else {}
    stored = details.get("session_data")
    if stored is not None and not isinstance(stored, dict):
        stored = None
    kept = dict(stored or {})
    if session.name is not None and not (kept.get("session_name") and as_text(kept["session_name"]) == session.name):
        kept["session_name"] = session.name
    if session.state is not None:
        kept["session_state"] = session.state
    return kept if kept or stored is not None else None


def is_agentos(session: Session) -> bool:
    """Whether an AgentOS writer keeps this session."""
    return isinstance(session.details, dict) and "session_data" in session.details


def component(project: Project, type: str, component_id: Any, data: Any) -> Agent | None:
    """The agent, team or workflow behind an id; what its ``data`` says fills what is not known of it yet."""
    if not isinstance(component_id, str) or not component_id:
        return None
    known = data if isinstance(data, dict) else {}
    name, model = known.get("name"), known.get("model")
    return services.ensure_agent(
        project=project,
        agent_id=component_id,
        type=type,
        name=name if isinstance(name, str) else "",
        model=model if isinstance(model, dict) else None,
    )


def store_run(session: Session, run: Mapping[str, Any]) -> RunMetadata:
    """Keep a run's dict at the end of the session, once for each ``run_id``. Raises InvalidValue."""
    moment = _moment(run.get("created_at"))
    messages = run.get("messages")
    rows = _messages(messages)
    columns = {key: run[key] for key in _DEFAULTS if key in run and _fits(key, run[key])}
    held = {"run_id", *columns, *(("messages",) if rows else ()), *(("created_at",) if moment else ())}
    absent = [key for key in (*_DEFAULTS, "messages", "created_at") if key not in run]
    kind, component_id = component_of(run)
    values: dict[str, Any] = {_COLUMNS.get(key, key): value for key, value in columns.items()}
    if moment is not None:
        values["created_at"] = moment
    stored, _ = services.record_run(
        session=session,
        run_id=run["run_id"],
        messages=rows,
        agent=component(session.project, kind, component_id, {"name": run.get(f"{kind}_name")}),
        usage=_usage(run.get("metrics")),
        details={**{key: value for key, value in run.items() if key not in held}, ABSENT: absent},
        **values,
    )
    return stored


def component_of(run: Mapping[str, Any]) -> tuple[str, Any]:
    """What kind of thing ran, and its id."""
    for kind in ("agent", "team"):
        if run.get(f"{kind}_id") or run.get(f"{kind}_name"):
            return kind, run.get(f"{kind}_id")
    return "workflow", run.get("workflow_id")


def run_dict(run: RunMetadata, messages: Iterable[Message], session: Session) -> dict[str, Any]:
    """A run as an AgentOS writer gave it, with what has changed since; any other run in the same words."""
    details = dict(run.details) if isinstance(run.details, dict) else {}
    if not isinstance(details.get(ABSENT), list):
        return _foreign_run(run, messages, session)
    absent = details.pop(ABSENT)
    shown: dict[str, Any] = {"run_id": run.run_id, **details}
    for key, default in _DEFAULTS.items():
        value = getattr(run, _COLUMNS.get(key, key))
        if value != default or (key not in absent and key not in details):
            shown[key] = value
    if "created_at" not in absent and "created_at" not in details:
        shown["created_at"] = int(run.created_at.timestamp())
    payloads = [chat_payload(message) for message in messages]
    if payloads:
        shown["messages"] = payloads
    elif "messages" not in absent and "messages" not in details:
        shown["messages"] = []
    return shown


def chat_payload(message: Message) -> dict[str, Any]:
    """A message as a chat completion message, which AgentOS' own messages extend."""
    if message.format == formats.DEFAULT:
        payload: dict[str, Any] = message.payload
        return payload
    return openai_chat.render(formats.read(message.payload, message.format))


def _foreign_run(run: RunMetadata, messages: Iterable[Message], session: Session) -> dict[str, Any]:
    agent = run.agent or session.agent
    kind = agent.type if agent else session.type
    payloads = [chat_payload(message) for message in messages]
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


def _messages(messages: Any) -> list[NewMessage]:
    """Rows for a run's messages; none where any of them is no message that the store knows."""
    if not isinstance(messages, list):
        return []
    check = formats.get(formats.DEFAULT).check
    try:
        for message in messages:
            check(message)
    except InvalidValue:
        return []
    return [NewMessage(message) for message in messages]


def _fits(key: str, value: Any) -> bool:
    if key == "status":
        return isinstance(value, str) and value in RunMetadata.Status.values
    if key in {"input", "content"}:
        return value is not None
    is_text = isinstance(value, str) and 0 < len(value) <= MAX_IDENTIFIER_LENGTH
    return is_text and is_storable(value) and not has_control_characters(value)


def _is_in_column(key: str, value: Any, columns: Mapping[str, Any]) -> bool:
    if key == "session_name":
        return isinstance(value, str)
    return key == "session_state" and columns["state"] is not None


def _moment(seconds: Any) -> datetime | None:
    """The moment of whole epoch seconds; None for what is none, or lies out of a database's reach."""
    is_moment = type(seconds) is int and 0 <= seconds < 253_370_764_800  # the year 9999
    return datetime.fromtimestamp(seconds, UTC) if is_moment else None


def _usage(metrics: Any) -> dict[str, int] | None:
    if not isinstance(metrics, dict):
        return None
    counts = {name: metrics.get(name) for name in TOKEN_FIELDS}
    return {name: count for name, count in counts.items() if type(count) is int and 0 <= count <= MAX_TOKENS}
