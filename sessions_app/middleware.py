"""The short way of an API request through a site whose other middleware is there for pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from sessions_app.dialects.base import DialectViewSet
from sessions_app.remembered import Remembered

_HOOKS = ("process_view", "process_exception")
_LONGEST_QUERY = 100
_queries: Remembered[Any] = Remembered(size=500)
"""Query strings as they were read, by encoding and text; nobody can change what they were read as. Clients send the
same few again and again, and to read one takes as long as to find the view.
"""


class APIMiddleware:
    """Answers the API's requests itself. Middleware below it, which then sees pages only, costs them nothing.

    It belongs below what concerns each answer (CORS, SecurityMiddleware) and above CommonMiddleware, sessions,
    languages, CSRF, logins and messages: keys open the API, and no cookie. Without it all works alike, and slower. (Of
    CommonMiddleware, API requests lose DISALLOWED_USER_AGENTS and PREPEND_WWW.)
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        # Only Django's own way begins the transaction around each view, and calls other middleware's hooks.
        is_atomic = any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values())
        if is_atomic or _is_below_hooks(type(self)):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path, resolver = request.path_info, get_resolver(getattr(request, "urlconf", None))
        found = _view_of(path, [resolver])
        if found is None or not _is_ours(found[0]):
            return self.get_response(request)
        request.resolver_match = cast(Any, SimpleLazyObject(lambda: resolver.resolve(path)))
        view, arguments = found
        response: HttpResponseBase = _with_known_query(request, view, arguments)
        if hasattr(response, "render"):
            response = response.render()
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _is_below_hooks(kind: type[APIMiddleware]) -> bool:
    """Whether a middleware above wants to know which view is called, or what it raises."""
    own = f"{kind.__module__}.{kind.__qualname__}"
    above = takewhile(lambda name: name != own, settings.MIDDLEWARE)
    return any(hasattr(each, hook) for each in map(import_string, above) for hook in _HOOKS)


def _view_of(path: str, patterns: Iterable[URLPattern | URLResolver]) -> tuple[Any, dict[str, Any]] | None:
    """The view that answers a path, and its arguments by name; None where there is none, and for the view where one
    takes others, which is for Django to call.

    As ``URLResolver.resolve``, but that makes notes of all that it tried, for a page about a path that is not there.
    """
    for pattern in patterns:
        matched = pattern.pattern.match(path)
        if not matched:
            continue
        rest, unnamed, named = matched
        if isinstance(pattern, URLPattern):
            return None if unnamed else pattern.callback, {**named, **pattern.default_args}
        found = _view_of(rest, pattern.url_patterns)
        if found is not None:
            view, arguments = found
            return None if unnamed else view, {**named, **pattern.default_kwargs, **arguments}
    return None


def _is_ours(view: Any) -> bool:
    kind = getattr(view, "cls", None)
    return isinstance(kind, type) and issubclass(kind, DialectViewSet) and not kind.is_for_the_rest


def _with_known_query(request: HttpRequest, view: Any, arguments: dict[str, Any]) -> Any:
    """What the view answers; it need not read a query that was read before. One that a middleware above has read, and
    perhaps changed, is left alone, and not kept.
    """
    if "GET" in request.__dict__:
        return view(request, **arguments)
    query = request.encoding, request.META.get("QUERY_STRING", "")
    known = _queries.get(query)
    if known is not None:
        request.GET = known
    response = view(request, **arguments)
    read = request.__dict__.get("GET")
    if known is None and read is not None and not read._mutable and len(query[1]) <= _LONGEST_QUERY:
        _queries.keep(query, read)
    return response
