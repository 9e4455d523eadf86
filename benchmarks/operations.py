"""What is asked of the servers, and what it must reach."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks import data

_SESSION = """
SELECT s.session_id, s.user_id, s.name, s.opening, s.state, s.metadata, s.summary, s.details, s.created_at,
    s.updated_at, a.agent_id, {PAYLOADS}
FROM sessions_app_session s JOIN sessions_app_agent a ON a.id = s.agent_id
WHERE s.project_id = 1 AND s.session_id = {session_id}"""
_CHAT = """
SELECT s.session_id, s.name, s.generated_title, s.index_ids, s.shared_access, s.updated_at, {PAYLOADS}
FROM sessions_app_session s WHERE s.project_id = 1 AND s.session_id = {session_id}"""
_PAYLOADS = {
    "postgres": "ARRAY(SELECT payload FROM sessions_app_message m WHERE m.session_id = s.id ORDER BY position)",
    "sqlite": """(SELECT group_concat(payload) FROM
        (SELECT payload FROM sessions_app_message m WHERE m.session_id = s.id ORDER BY position))""",
}
"""All messages in one value: to repeat the session's columns beside each would make a poor limit."""
_SUMMARY = """
SELECT s.session_id, s.name, s.generated_title, s.index_ids, s.shared_access, s.updated_at, r.duration_ms, r.error,
    r.export_config_ids, r.is_error, r.input_tokens, r.output_tokens, r.turns
FROM sessions_app_session s LEFT JOIN sessions_app_runmetadata r ON r.id = s.last_finished_run_id
WHERE s.project_id = 1 AND s.session_id = {session_id}"""
_IDS = """
SELECT s.session_id FROM sessions_app_session s JOIN sessions_app_agent a ON a.id = s.agent_id
WHERE s.project_id = 1 AND a.agent_id = {agent_id} ORDER BY s.created_at DESC, s.id DESC"""
_APPEND = """
WITH session AS (
    UPDATE sessions_app_session SET message_seq = message_seq + 3, message_count = message_count + 3,
        run_seq = run_seq + 1, run_count = run_count + 1, input_tokens = input_tokens + 40,
        output_tokens = output_tokens + 20, total_tokens = total_tokens + 60, last_run_status = 'COMPLETED',
        revision = revision + 1, updated_at = now()
    WHERE project_id = 1 AND session_id = {session_id}
    RETURNING id, run_seq - 1 AS place, message_seq - 3 AS position
), run AS (
    INSERT INTO sessions_app_runmetadata (session_id, run_id, position, status, input, content, model_provider,
        model_id, turns, is_error, created_at, updated_at, input_tokens, output_tokens, total_tokens,
        audio_input_tokens, audio_output_tokens, audio_total_tokens, cache_read_tokens, cache_write_tokens,
        reasoning_tokens)
    SELECT id, {run_id}, place, 'COMPLETED', {question}, {answer}, 'OpenAI', 'gpt-4o', 1, false, now(), now(), 40, 20,
        60, 0, 0, 0, 0, 0, 0 FROM session
    RETURNING id, session_id
), message AS (
    INSERT INTO sessions_app_message (session_id, run_id, position, payload, format, role, text, name, tool_call_id,
        from_history, ready_for, input_tokens, output_tokens, total_tokens, created_at)
    SELECT run.session_id, run.id, session.position + said.place, said.payload, 'openai.chat', said.role, said.text,
        '', '', false, 1, 0, 0, 0, now()
    FROM run, session, (VALUES (0, {payload0}, 'system', {text0}), (1, {payload1}, 'user', {text1}),
        (2, {payload2}, 'assistant', {text2})) AS said (place, payload, role, text)
    RETURNING id
)
SELECT count(*) FROM message"""
SPREAD = 500
"""Sessions that appended runs are spread over."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request, what it must reach, and the one statement of its limit.

    ``over_agentos`` and ``over_limit`` are ratios of requests a second. ``SESSION_ID`` in the path is one of
    ``sessions``.
    """

    name: str
    path: str
    over_agentos: float | None = None
    over_limit: float | None = None
    sql: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    body: str | None = None
    sessions: tuple[str, ...] = ()
    is_small: bool = False
    """A small answer: of these a view that does what the limit does tells how much of it frameworks leave."""

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


def operations(sizes: data.Sizes, is_sqlite: bool) -> list[Operation]:
    """The table, top down. No statement of one alone can append a run on SQLite, so that there is no limit to it."""
    middle = sizes.sessions // 2
    point, user = data.session_id(middle), f"user-{middle % data.USERS:04}"
    (fifty, _), (many, _) = sizes.many_runs
    last_page = max(2, min(4000, sizes.sessions // 25))

    def detail(name: str, id_: str, over_agentos: float, over_limit: float, **how: Any) -> Operation:
        path, sql = f"/sessions/{id_}?type=agent", _placed(_SESSION, is_sqlite)
        return Operation(name, path, over_agentos, over_limit, sql, {"session_id": id_}, **how)

    def listing(name: str, over_agentos: float, **filters: str) -> Operation:
        return Operation(name, f"/sessions?{urlencode({'type': 'agent', 'limit': 20, **filters})}", over_agentos)

    def limited(name: str, path: str, over_limit: float, sql: str, parameters: Any, **how: Any) -> Operation:
        return Operation(name, path, None, over_limit, _placed(sql, is_sqlite), parameters, **how)

    return [
        detail("session, 3 messages", point, 5, 0.40, is_small=True),
        detail("session, 150 messages", fifty, 12, 0.50),
        detail("session, 1,500 messages", many, 30, 0.75),
        listing("sessions, first page", 6),
        listing("sessions of a user", 15, user_id=user),
        listing("sessions by a part of their name", 30, session_name=data.session_name(middle)[-7:-1]),
        listing(f"sessions, page {last_page:,}", 8, page=str(last_page)),
        Operation("runs of a session, 50", f"/sessions/{fifty}/runs", 5),
        limited("chat summary", f"/api/v1/chat/{point}/summary", 0.40, _SUMMARY, {"session_id": point}, is_small=True),
        limited("chat of 1,500 messages, as events", f"/api/v1/chat/{many}", 0.35, _CHAT, {"session_id": many}),
        limited(
            f"ids of an agent's {sizes.sessions // data.AGENTS:,} sessions",
            f"/v1/agent/{quote('agent-07')}/sessions",
            0.60,
            _IDS,
            {"agent_id": "agent-07"},
        ),
        *([] if is_sqlite else [_append(sizes)]),
    ]


def append_body(run_id: str = "RUN_ID") -> str:
    """A run of three messages as our own API takes it."""
    return json.dumps(
        {
            "run_id": run_id,
            "status": "COMPLETED",
            "input": _SAID[1][1],
            "content": _SAID[2][1],
            "model": {"provider": "OpenAI", "id": "gpt-4o"},
            "usage": {"input_tokens": 40, "output_tokens": 20, "total_tokens": 60},
            "messages": [{"role": role, "content": text} for role, text in _SAID],
        }
    )


_SAID = (
    ("system", "You answer questions about orders."),
    ("user", "Where is my parcel, which was to arrive on Monday?"),
    ("assistant", "It has left the warehouse and will be with you on Wednesday. The courier has your number."),
)


def _append(sizes: data.Sizes) -> Operation:
    said = {
        name: value
        for place, (role, text) in enumerate(_SAID)
        for name, value in ((f"text{place}", text), (f"payload{place}", json.dumps({"role": role, "content": text})))
    }
    parameters = {"question": json.dumps(_SAID[1][1]), "answer": json.dumps(_SAID[2][1]), **said}
    sessions = tuple(data.session_id(number) for number in range(min(SPREAD, sizes.sessions)))
    path, sql = "/api/sessions/SESSION_ID/runs", _placed(_APPEND, is_sqlite=False)
    return Operation("run of three messages appended", path, None, 0.30, sql, parameters, append_body(), sessions)


def _placed(sql: str, is_sqlite: bool) -> str:
    """A statement as the database wants it, with the places of its parameters as the driver does."""
    names = {name: f":{name}" if is_sqlite else f"%({name})s" for name in _NAMES}
    return sql.format(**names, PAYLOADS=_PAYLOADS["sqlite" if is_sqlite else "postgres"])


_NAMES = (
    "session_id",
    "agent_id",
    "run_id",
    "question",
    "answer",
    *(f"{of}{n}" for of in ("text", "payload") for n in range(3)),
)
