"""How often an API key may come."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from sessions_app import conf
from sessions_app.models import APIKey


class APIKeyThrottle(SimpleRateThrottle):
    """``AGENT_SESSIONS["THROTTLE_RATE"]`` for each key, counted in the site's default cache; None: no limit."""

    scope = "agent_sessions"

    def get_rate(self) -> str | None:
        rate: str | None = conf.get("THROTTLE_RATE")
        return rate

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, APIKey):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.prefix}
