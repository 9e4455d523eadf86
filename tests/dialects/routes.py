"""What is served, as the URLs say and as the OpenAPI document says."""

from __future__ import annotations

import re
from functools import cache

from django.test import Client
from django.urls import get_resolver

from sessions_app import documentation

DOCUMENTATION = {pattern.pattern._route for pattern in documentation.urlpatterns}
OPEN_TO_ALL = DOCUMENTATION | {"health", "health/", "info", "info/"}
METHODS = {"get", "post", "put", "patch", "delete"}


def patterns(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry.callback


def served():
    """``(method, route)`` of all that the app serves behind a key, read from its URLs."""
    return {
        (method, route)
        for route, view in patterns(get_resolver("sessions_app.urls"))
        if route not in OPEN_TO_ALL
        for method in view.actions.keys() & METHODS
    }


def route_of(endpoint):
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", endpoint.route)


@cache
def document():
    response = Client().get("/schema?format=json")
    assert response.status_code == 200
    return response.json()
