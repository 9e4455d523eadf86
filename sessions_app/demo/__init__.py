"""Made-up sessions that show what the store is for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sessions_app.demo import assistants, pipelines, service_desk

__all__ = ["documents"]


def documents(now: datetime) -> list[dict[str, Any]]:
    """Documents of sessions of the days before ``now``; a branch comes after its parent."""
    return [document for module in (service_desk, assistants, pipelines) for document in module.documents(now)]
