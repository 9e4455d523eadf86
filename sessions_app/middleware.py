"""The short way of an API request through a site whose other middleware is there for pages."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, get_resolver

from sessions_app.dialects.base import DialectViewSet


class APIMiddleware:
    """Answers the API's requests itself. Middleware below it, which then sees pages only, costs them nothing.

    It belongs below what concerns each answer (CORS, SecurityMiddleware) and above CommonMiddleware, sessions,
    languages, CSRF, logins and messages: keys open the API, and no cookie. Without it all works alike, and slower.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
            raise MiddlewareNotUsed  # Only Django's own way begins the transaction around each view.
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = _api_match(request)
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if hasattr(response, "render"):
            response = response.render()
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _api_match(request: HttpRequest) -> ResolverMatch | None:
    """The view of this request, where it is one of ours."""
    try:
        match = get_resolver(getattr(request, "urlconf", None)).resolve(request.path_info)
    except Resolver404:
        return None
    view = getattr(match.func, "cls", None)
    return match if isinstance(view, type) and issubclass(view, DialectViewSet) else None
