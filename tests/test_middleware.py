"""The short way of API requests."""

from __future__ import annotations

import pytest
from django.conf import settings as site
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse

from sessions_app.middleware import APIMiddleware
from tests.dialects.table import AGNO_SESSION, SESSION, Endpoint, call

SHORT = "sessions_app.middleware.APIMiddleware"


class Seen:
    """A middleware below, which notes what comes by."""

    paths: list[str] = []

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.paths.append(request.path)
        return self.get_response(request)


@pytest.fixture
def seen(settings):
    settings.MIDDLEWARE = [*site.MIDDLEWARE, "tests.test_middleware.Seen"]
    Seen.paths = []
    return Seen.paths


def test_the_reference_site_has_it_above_what_pages_need():
    below = site.MIDDLEWARE[site.MIDDLEWARE.index(SHORT) :]
    assert "django.contrib.sessions.middleware.SessionMiddleware" in below
    assert "django.middleware.csrf.CsrfViewMiddleware" in below
    assert "django.middleware.security.SecurityMiddleware" not in below


def test_what_is_below_sees_no_api_request(seen, client, store):
    assert client.get("/api/sessions").status_code == 200
    assert client.get("/sessions/s-1?type=agent").status_code == 200
    assert client.get("/sessions/none").status_code == 404
    assert seen == []


def test_what_is_below_sees_pages(seen, client, admin_client):
    assert admin_client.get("/admin/").status_code == 200
    assert client.get("/docs").status_code == 200
    assert seen == ["/admin/", "/docs"]


@pytest.mark.parametrize(
    "endpoint",
    [Endpoint("get", AGNO_SESSION), Endpoint("get", SESSION), Endpoint("patch", SESSION, {"name": 1})],
    ids=str,
)
def test_answers_are_the_same_without_it(client, store, settings, endpoint):
    with_it = call(client, endpoint)
    settings.MIDDLEWARE = [name for name in site.MIDDLEWARE if name != SHORT]
    without = call(client, endpoint)
    assert (with_it.status_code, with_it.content) == (without.status_code, without.content)
    assert with_it["Content-Type"] == without["Content-Type"]


def test_a_site_with_atomic_requests_goes_django_s_own_way(monkeypatch):
    monkeypatch.setitem(site.DATABASES["default"], "ATOMIC_REQUESTS", True)
    with pytest.raises(MiddlewareNotUsed):
        APIMiddleware(lambda request: HttpResponse())
