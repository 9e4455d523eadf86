"""Addresses of the admin: where its pages are, and what a reader's address says."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.http import urlencode

LAST = 2**63 - 1
"""No key and no position of a row is beyond it."""


def whole_number(text: str | None) -> int | None:
    """The key or position that an address names, ``LAST`` at most; None where it is no such number."""
    if not text or not text.isascii() or not text.isdigit():
        return None
    return min(int(text[:20]), LAST)


def change_url(model: type[Model], pk: Any, *, current_app: str | None = None) -> str:
    """The page of one row's fields; ``current_app`` names the admin site where there are several."""
    return reverse(f"{_prefix(model)}_change", args=[pk], current_app=current_app)


def list_url(model: type[Model], *, current_app: str | None = None, **query: Any) -> str:
    """The list of ``model``'s rows, of those that ``query`` chooses."""
    url = reverse(f"{_prefix(model)}_changelist", current_app=current_app)
    return f"{url}?{urlencode(query)}" if query else url


def session_url(pk: Any) -> str:
    """The page that a session is read on."""
    return reverse("admin:sessions_app_session_transcript", args=[pk])


def _prefix(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"
