"""Registers which payloads this wire shows as they lie."""

from __future__ import annotations

from sessions_app import ready
from sessions_app.dialects.agno.history import READY, is_shown_as_it_lies

ready.register(READY, is_shown_as_it_lies)
