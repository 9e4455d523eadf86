"""A run as it is sent, with everything that can be said of one, and its messages."""

from __future__ import annotations

from tests.dialects.native.sessions import NO_USAGE

URL = "/api/sessions/s/runs"
USER = {"role": "user", "content": "Where is my parcel?"}
ANSWER = {"role": "assistant", "content": "Here.", "metrics": {"input_tokens": 3, "output_tokens": 4}}
USAGE = {name: count for count, name in enumerate(NO_USAGE, start=1)}
GIVEN = {
    "run_id": "run-1",
    "parent_run_id": "run-0",
    "agent_id": "support",
    "agent_type": "team",
    "user_id": "maria",
    "status": "ERROR",
    "input": {"z": 2**70, "a": "\x00\ud83d"},
    "content": ["anything", 0.5, None],
    "model": {"provider": "OpenAI", "id": "gpt-4o"},
    "usage": USAGE,
    "duration_ms": 1840.5,
    "turns": 2,
    "is_error": False,
    "error": "It broke.",
    "export_config_ids": ["x", "y"],
    "details": {"events": [1, {"b": None}]},
    "created_at": "2025-09-05T16:02:09.000000Z",
    "updated_at": "2025-09-05T16:02:10.500000Z",
}
