"""What is measured, and what it must reach."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from benchmarks import data

_SESSION = """
SELECT s.session_id, s.user_id, s.name, s.opening, s.state, s.metadata, s.summary, s.details, s.created_at,
    s.updated_at, a.agent_id
FROM sessions_app_session s LEFT JOIN sessions_app_agent a ON a.id = s.agent_id
WHERE s.project_id = 1 AND s.session_id = {session_id}"""
_MESSAGES = """
SELECT m.payload FROM sessions_app_session s JOIN sessions_app_message m ON m.session_id = s.id
WHERE s.project_id = 1 AND s.session_id = {session_id} ORDER BY m.position"""
_SUMMARY = """
SELECT s.session_id, s.name, s.generated_title, s.index_ids, s.shared_access, s.updated_at, r.duration_ms, r.error,
    r.export_config_ids, r.is_error, r.input_tokens, r.output_tokens, r.turns
FROM sessions_app_session s LEFT JOIN sessions_app_runmetadata r ON r.id = s.last_finished_run_id
WHERE s.project_id = 1 AND s.session_id = {session_id}"""
_IDS = """
SELECT s.session_id FROM sessions_app_session s JOIN sessions_app_agent a ON a.id = s.agent_id
WHERE s.project_id = 1 AND a.agent_id = {agent_id} ORDER BY s.created_at DESC, s.id DESC"""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request, what it must reach, and the one statement of its limit."""

    name: str
    path: str
    over_agentos: float | None = None
    over_limit: float | None = None
    sql: str = ""
    parameters: dict[str, str] | None = None
    body: str | None = None

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


def operations(sizes: data.Sizes) -> list[Operation]:
    """The table, top down."""
    middle = sizes.sessions // 2
    point, user = data.session_id(middle), f"user-{middle % data.USERS:04}"
    agent, few = f"agent-{middle % data.AGENTS:02}", f"{middle:07}"[:-1]
    last_page = max(1, min(4000, sizes.sessions // 20))
    fifty, many = sizes.many_runs

    def detail(name: str, id_: str, over_agentos: float, over_limit: float) -> Operation:
        path = f"/sessions/{id_}?type=agent"
        return Operation(name, path, over_agentos, over_limit, _MESSAGES, {"session_id": id_})

    def listing(name: str, over_agentos: float, **filters: str) -> Operation:
        return Operation(name, f"/sessions?{urlencode({'type': 'agent', 'limit': 20, **filters})}", over_agentos)

    return [
        detail("session, 3 messages", point, 5, 0.40),
        detail("session, 150 messages", fifty, 12, 0.50),
        detail("session, 1,500 messages", many, 30, 0.75),
        listing("sessions, first page", 6),
        listing("sessions of a user", 15, user_id=user),
        listing("sessions by name", 30, session_name=few),
        listing(f"sessions, page {last_page:,}", 8, page=str(last_page)),
        Operation("runs of a session, 50", f"/sessions/{fifty}/runs", 5),
        Operation("chat summary", f"/api/v1/chat/{point}/summary", None, 0.40, _SUMMARY, {"session_id": point}),
        Operation("chat of 1,500 messages", f"/api/v1/chat/{many}", None, 0.35, _MESSAGES, {"session_id": many}),
        Operation(
            f"ids of an agent's {sizes.sessions // data.AGENTS:,} sessions",
            f"/v1/agent/{quote(agent)}/sessions",
            None,
            0.60,
            _IDS,
            {"agent_id": agent},
        ),
    ]
