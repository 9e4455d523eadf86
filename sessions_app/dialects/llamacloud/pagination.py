"""Pages of sessions: ``{"items": [...], "next_page_token": ...}``."""

from __future__ import annotations

from typing import Any

from sessions_app import keyset
from sessions_app.exceptions import InvalidValue
from sessions_app.querysets import SessionQuerySet

ORDER = "-updated_at"
UNSEEN = (
    *("state", "details", "opening", "summary", "metadata"),
    *(f"last_finished_run__{column}" for column in ("input", "content", "details", "original")),
)
"""What can be large, and that no summary shows."""


def chat_page(sessions: SessionQuerySet, *, size: int, token: str | None) -> dict[str, Any]:
    """The page that ``token`` leads to, last changed first; an empty last one where it leads nowhere."""
    shown = sessions.defer(*UNSEEN)
    try:
        page = keyset.page(shown, order=ORDER, size=size, token=token)
    except InvalidValue:
        return {"items": [], "next_page_token": None}
    return {"items": page.items, "next_page_token": page.next}
