"""The way of a request from Django to an action of a view, and of its answer back.

It is Django REST framework's own in fewer steps, each of which takes a small answer a part of its time: a request looks
for its one action, and all others of its URL need not be tied to the view; nobody asks whether it is known already who
sent it; and an answer that was made whole needs no finish.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet


class WireRequest(Request):
    """Has at hand what else is looked for in four places before it is found in Django's request; and goes when it has
    been answered: one that a parser is told of for good holds itself, until Python looks for such circles.
    """

    def __init__(self, request: HttpRequest, **given: Any) -> None:
        super().__init__(request, **given)
        self.method, self.META = request.method, request.META
        del self.parser_context["request"]

    def _parse(self) -> Any:
        self.parser_context["request"] = self
        try:
            return super()._parse()  # type: ignore[misc]
        finally:
            del self.parser_context["request"]


class WireViewSet(ViewSet):
    """Calls actions as Django REST framework does. No OPTIONS describes a view, and parsers know the request alone."""

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        described = super().as_view(actions, **initkwargs)

        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            self = cls(**initkwargs)
            self.request, self.args, self.kwargs = request, args, kwargs  # type: ignore[assignment]
            self.action_map = actions
            return self.dispatch(request, *args, **kwargs)

        return update_wrapper(view, described)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.headers: dict[str, str] = {}  # Not which other methods there are: each would be looked for.
        self.action = self._action_for((request.method or "").lower())
        self.request = asked = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(asked, *args, **kwargs)
            handler = getattr(self, self.action) if self.action else self.http_method_not_allowed
            response: Any = handler(asked, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        is_done = type(response) is HttpResponse and not self.headers
        return response if is_done else self.finalize_response(asked, response, *args, **kwargs)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return WireRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
        )

    def perform_authentication(self, request: Any) -> None:
        request._authenticate()  # Without asking first whether that was done.

    def _action_for(self, method: str) -> str:
        """The name of what answers this method; empty where nothing does."""
        if method not in self.http_method_names:
            return ""
        return self.action_map.get("get" if method == "head" else method, "")

    def _allowed_methods(self) -> list[str]:
        return [method.upper() for method in self.http_method_names if self._action_for(method)]
