"""Where the pages of sessions are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse


def session_url(pk: Any) -> str:
    """The page that a session is read on."""
    return reverse("admin:sessions_app_session_transcript", args=[pk])
