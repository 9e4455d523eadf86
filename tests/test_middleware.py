"""The short way of API requests."""

from __future__ import annotations

import pytest
from django.conf import settings as site
from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.urls import get_resolver, include, path, re_path

from project import urls
from sessions_app import middleware
from sessions_app.middleware import APIMiddleware
from sessions_app.remembered import Remembered
from tests import factories
from tests.dialects.table import AGNO_SESSION, ENDPOINTS, SESSION, Endpoint, call

SHORT = "sessions_app.middleware.APIMiddleware"


class Asking:
    """A middleware above, which names the user whom a page's visitor is."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if user := request.headers.get("x-visitor"):
            request.GET = request.GET.copy()
            request.GET["user_id"] = user
        return self.get_response(request)


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


class Watching:
    """A middleware that wants to know which view is called."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, arguments, keywords):
        return HttpResponse("seen")


def test_hooks_above_are_called(client, store, settings):
    settings.MIDDLEWARE = ["tests.test_middleware.Watching", *site.MIDDLEWARE]
    assert client.get("/api/sessions").content == b"seen"


@pytest.mark.parametrize("url", ["/sessions", "/api/sessions", "/v3/sessions", "/api/v1/chat", "/health", "/nothing"])
@pytest.mark.parametrize("host", ["evil.example", "a b"])
def test_a_host_that_the_site_does_not_answer_to_is_refused(client, url, host):
    response = client.get(url, headers={"host": host})
    assert response.status_code == 400
    assert url == "/nothing" or "ALLOWED_HOSTS" in response.json()["detail"]


class Translated:
    """URLs of pages whose paths begin with a language, and the reference site's behind them."""

    urlpatterns = [
        *i18n_patterns(path("pages/x", lambda request: HttpResponse("page")), prefix_default_language=False),
        *urls.urlpatterns,
    ]


def test_a_page_that_only_its_language_leads_to_is_found(client, settings):
    settings.ROOT_URLCONF = Translated
    assert client.get("/de/pages/x").content == b"page"
    assert client.get("/de/nothing").status_code == 404


def test_a_query_that_was_read_before_is_not_read_again(client, store):
    page = client.get("/sessions?limit=1&page=1")
    assert page.wsgi_request.GET.dict() == {"limit": "1", "page": "1"}
    again = client.get("/sessions?limit=1&page=1")
    assert again.wsgi_request.GET is page.wsgi_request.GET
    assert again.json() == page.json()
    assert client.get("/sessions?limit=1").wsgi_request.GET.dict() == {"limit": "1"}


def test_the_same_query_in_another_encoding_is_read_anew(client, store):
    asked = "/sessions?q=%C3%A4&limit=1"
    assert client.get(asked).wsgi_request.GET["q"] == "ä"
    latin = client.get(asked, headers={"content-type": "application/json; charset=latin-1"})
    assert latin.wsgi_request.GET["q"] == "Ã¤"


def test_what_a_middleware_above_made_of_a_query_is_for_its_request_alone(client, project, settings):
    settings.MIDDLEWARE = ["tests.test_middleware.Asking", *site.MIDDLEWARE]
    for user in "ab":
        factories.SessionFactory(project=project, user_id=user, session_id=f"of-{user}")

    def shown(**headers):
        return {row["session_id"] for row in client.get("/sessions?limit=7", headers=headers).json()["data"]}

    assert shown(**{"x-visitor": "a"}) == {"of-a"}
    assert shown() == {"of-a", "of-b"}
    assert shown(**{"x-visitor": "b"}) == {"of-b"}
    assert shown() == {"of-a", "of-b"}


def test_only_short_queries_are_kept_and_not_for_ever(client, store, monkeypatch):
    queries = Remembered(size=2)
    monkeypatch.setattr(middleware, "_queries", queries)
    for number in range(5):
        assert client.get(f"/sessions?limit={number + 1}").status_code == 200
        assert client.get(f"/sessions?limit={number + 1}&q={'x' * 100}").status_code == 200
        assert 1 <= len(queries._values) <= 2
        assert all(len(text) <= middleware._LONGEST_QUERY for _, text in queries._values)


def test_a_query_with_too_many_parameters_is_an_error_of_the_wire(client, store, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    response = client.get("/sessions?a=1&b=2&c=3")
    assert response.status_code == 400
    assert response.json()["detail"] == "The request is malformed, or has too many parameters"


def test_who_asks_gets_to_know_which_route_answered(client, store):
    match = client.get("/sessions/s-1?type=agent").wsgi_request.resolver_match
    assert (match.url_name, match.route, match.kwargs) == (
        "agno-session",
        "sessions/<str:session_id>",
        {"session_id": "s-1"},
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
@pytest.mark.parametrize("slash", [False, True])
def test_each_path_finds_the_view_that_django_finds(endpoint, slash):
    asked = endpoint.url(slash).partition("?")[0]
    resolver = get_resolver()
    match = resolver.resolve(asked)
    assert middleware._view_of(asked, [resolver]) == (match.func, match.kwargs)


@pytest.mark.parametrize("asked", ["/admin/", "/admin/sessions_app/session/1/change/", "/static/x.css", "/docs"])
def test_other_paths_find_no_view_of_ours(asked):
    found = middleware._view_of(asked, [get_resolver()])
    assert found is None or not middleware._is_ours(found[0])


def host_view(request, *args, **kwargs):
    return HttpResponse()


@pytest.mark.parametrize(
    "theirs",
    [
        re_path(r"^sessions/(\d+)$", host_view),
        path("", include([re_path(r"^sessions/(\d+)$", host_view)])),
        re_path(r"^(sessions)/", include([path("<int:number>", host_view)])),
    ],
)
def test_a_site_s_own_views_before_ours_stay_its_own(theirs):
    patterns = [theirs, path("", include("sessions_app.urls"))]
    view, _ = middleware._view_of("sessions/5", patterns)
    assert not middleware._is_ours(view)
    view, arguments = middleware._view_of("sessions/x", patterns)
    assert middleware._is_ours(view)
    assert arguments == {"session_id": "x"}
