"""Pages of sessions: ``{"items": [...], "next_page_token": ...}``."""

from __future__ import annotations

from typing import Any

from sessions_app import keyset
from sessions_app.exceptions import InvalidValue
from sessions_app.querysets import SessionQuerySet

ORDER = "-updated_at"
SEEN = (
    *("project", "session_id", "user_id", "updated_at", "shared_access", "name", "generated_title", "index_ids"),
    *("last_finished_run", "message_seq"),
    *(
        f"last_finished_run__{column}"
        for column in (
            *("duration_ms", "error", "export_config_ids", "is_error", "input_tokens", "output_tokens", "turns"),
        )
    ),
)
"""What a summary shows of a session and of its last run."""


def chat_page(sessions: SessionQuerySet, *, size: int, token: str | None) -> dict[str, Any]:
    """The page that ``token`` leads to, last changed first; an empty last one where it leads nowhere."""
    shown = sessions.only(*SEEN)
    try:
        page = keyset.page(shown, order=ORDER, size=size, token=token)
    except InvalidValue:
        return {"items": [], "next_page_token": None}
    return {"items": page.items, "next_page_token": page.next}
