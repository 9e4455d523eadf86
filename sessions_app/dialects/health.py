"""``GET /health``: a sign of life that needs no key. Any wire whose vendor has one may route it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sessions_app.dialects.wire import iso_utc

STARTED_AT = datetime.now(UTC)


@csrf_exempt
def health(request: HttpRequest) -> JsonResponse:
    """``{"status": "ok", "instantiated_at": when this process started}``; says nothing of the database."""
    if request.method == "OPTIONS":
        return JsonResponse({})
    if request.method not in {"GET", "HEAD"}:
        detail = f'Method "{request.method}" not allowed.'
        return JsonResponse({"detail": detail}, status=405, headers={"Allow": "GET, HEAD, OPTIONS"})
    return JsonResponse({"status": "ok", "instantiated_at": iso_utc(STARTED_AT)})
