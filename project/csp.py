"""The browser's own fence: it runs and loads nothing but files of this site, whatever somebody gets into a page."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
_SENT = "; ".join(f"{name} {sources}" for name, sources in POLICY.items())


class ContentSecurityPolicyMiddleware:
    """Sends the policy with every answer that has none of its own. Django itself has such a middleware from 6.0 on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in {404, 500} and settings.DEBUG:
            return response  # Django's pages for developers, which have their scripts in themselves.
        response.headers.setdefault(HEADER, _SENT)
        return response
