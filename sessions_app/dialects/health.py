"""The sign of life that several vendors have at ``/health``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.wire import iso_utc

STARTED_AT = datetime.now(UTC)


class OpenToAll:
    """For a view set whose answers need no key, and that no schema lists."""

    authentication_classes: Any = []
    permission_classes: Any = []
    throttle_classes: Any = []
    schema: Any = None

    def health(self, request: Request) -> Response:
        """``status``, and when this process started. Says nothing of the database."""
        return Response({"status": "ok", "instantiated_at": iso_utc(STARTED_AT)})
