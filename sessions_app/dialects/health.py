"""The sign of life that several vendors have at ``/health``."""

from __future__ import annotations

from datetime import UTC, datetime

from sessions_app.dialects.wire import iso_utc

STARTED_AT = datetime.now(UTC)


def signs_of_life() -> dict[str, str]:
    """``status``, and when this process started. Says nothing of the database."""
    return {"status": "ok", "instantiated_at": iso_utc(STARTED_AT)}
