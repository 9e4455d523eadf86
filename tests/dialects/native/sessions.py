"""A session as it is sent, with everything that can be said of one."""

from __future__ import annotations

URL = "/api/sessions"
GIVEN = {
    "session_id": "support-17",
    "type": "agent",
    "agent_id": "support",
    "user_id": "maria",
    "name": "Parcel",
    "metadata": {"channel": "web", "n": [1, 2.5, None, True, {"\u00e4": "\u30bb"}]},
    "summary": {"summary": "A parcel.", "\x00": "\ud83d"},
    "tags": ["parcel", "vip"],
    "index_ids": ["idx-1"],
    "shared_access": "query",
    "branched_at": 3,
    "created_at": "2025-09-05T16:02:09.000001Z",
    "updated_at": "2025-09-06T16:02:09.000000Z",
    "state": {"z": 1, "a": [2**70, -0.5, "\x00\ude00"]},
    "details": ["anything", {"at": None}],
}
NO_USAGE = dict.fromkeys(
    [
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "audio_input_tokens",
        "audio_output_tokens",
        "audio_total_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    ],
    0,
)
