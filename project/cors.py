"""Preflights as AgentOS answers them."""

from __future__ import annotations

from corsheaders.middleware import ACCESS_CONTROL_ALLOW_HEADERS, CorsMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers


class EchoingCorsMiddleware(CorsMiddleware):
    """An allowed page may send any header: those that it asks for are echoed. The body says OK."""

    def check_preflight(self, request: HttpRequest) -> HttpResponseBase | None:
        if request.method != "OPTIONS":
            return None
        response = super().check_preflight(request)
        return None if response is None else HttpResponse("OK", content_type="text/plain; charset=utf-8")

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "HTTP_ORIGIN" not in request.META:  # There is nothing to say but that it matters.
            if self.is_enabled(request):
                patch_vary_headers(response, ("origin",))
            return response
        super().add_response_headers(request, response)
        asked = request.headers.get("access-control-request-headers")
        if asked and ACCESS_CONTROL_ALLOW_HEADERS in response.headers:
            response[ACCESS_CONTROL_ALLOW_HEADERS] = asked
        return response
