"""What holds for every route: keys, methods, slashes, unknown paths, pages of other sites."""

from __future__ import annotations

import pytest

from sessions_app.models import Session
from tests import factories
from tests.conftest import client_with

REQUIRED = {"detail": "Authorization header required"}
NOT_FOUND = {"detail": "Not Found"}


@pytest.mark.parametrize("url", ["/sessions?limit=abc", "/sessions/nope", "/sessions/x/runs/y", "/config", "/nothing"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_without_a_key_everything_is_401(anonymous, db, url, slash):
    path, mark, query = url.partition("?")
    response = anonymous.get(f"{path}{slash}{mark}{query}")
    assert (response.status_code, response.json()) == (401, REQUIRED)
    assert "WWW-Authenticate" not in response


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer wrong", "Basic {}", "wrong", "Bearer {} x"])
def test_a_wrong_key_is_401(anonymous, key, value):
    response = anonymous.get("/sessions", HTTP_AUTHORIZATION=value.format(key.secret))
    assert (response.status_code, response.json()) == (401, {"detail": "Invalid authentication token"})


@pytest.mark.parametrize("value", ["Bearer {}", "bearer {}", "BEARER {}", "{}"])
def test_all_forms_of_a_key_are_taken(anonymous, key, value):
    assert anonymous.get("/sessions", HTTP_AUTHORIZATION=value.format(key.secret)).status_code == 200


@pytest.mark.parametrize("url", ["/nothing", "/sessions/a%2Fb", "/sessions/a/b/", "/sessions/a/runs/b/c"])
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_route(client, url, method):
    response = getattr(client, method)(url)
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert response["Content-Type"] == "application/json"


def test_an_unknown_page_of_the_admin_is_a_page(admin_client):
    response = admin_client.get("/admin/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "url", "allow"),
    [
        ("put", "/sessions", "GET"),
        ("post", "/sessions/s", "GET"),
        ("get", "/sessions/s/rename", "POST"),
        ("delete", "/sessions/s/runs", "GET"),
        ("post", "/config/", "GET"),
        ("post", "/health", "GET"),
        ("head", "/sessions", "GET"),
        ("head", "/sessions/s/rename", "POST"),
    ],
)
def test_a_wrong_method_is_405(client, method, url, allow):
    response = getattr(client, method)(url)
    assert (response.status_code, response["Allow"]) == (405, allow)
    if method != "head":
        assert response.json() == {"detail": "Method Not Allowed"}


@pytest.mark.parametrize("slash", ["", "/"])
def test_what_anybody_may_ask(anonymous, slash):
    health = anonymous.get(f"/health{slash}", HTTP_AUTHORIZATION="Bearer wrong")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    info = anonymous.get(f"/info{slash}").json()
    assert (info["auth_mode"], info["user_isolation"], info["workflow_count"]) == ("security_key", True, 0)


def test_the_configuration(client):
    body = client.get("/config").json()
    assert body["databases"] == ["default"]
    assert body["session"]["dbs"][0]["tables"] == ["agno_sessions"]


def test_a_reading_key_may_not_write(project):
    reading = client_with(factories.APIKeyFactory(project=project, scope="read"))
    assert reading.get("/sessions").status_code == 200
    assert reading.post("/sessions", {"session_id": "s"}).status_code == 403
    assert reading.delete("/sessions/s").status_code == 403
    assert not Session.objects.exists()


class TestPagesOfOtherSites:
    PREFLIGHT = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PATCH", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization"}

    @pytest.mark.parametrize("name", ["https://os.agno.com", "https://agno.com", "http://localhost:3000"])
    def test_agentos_own_pages_may_call(self, client, anonymous, name):
        for caller, status in ((client, 200), (anonymous, 401)):
            response = caller.get("/sessions", HTTP_ORIGIN=name)
            assert response.status_code == status
            assert response["Access-Control-Allow-Origin"] == name
            assert response["Access-Control-Allow-Credentials"] == "true"
            assert response["Access-Control-Expose-Headers"] == "*"
            assert "origin" in response["Vary"].lower()

    def test_they_are_told_what_they_may(self, anonymous):
        response = anonymous.options("/sessions/s", HTTP_ORIGIN="https://os.agno.com", **self.PREFLIGHT)
        assert response.status_code == 200
        assert response["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY"
        assert "authorization" in response["Access-Control-Allow-Headers"]
        assert response["Access-Control-Max-Age"] == "600"

    def test_others_get_no_leave(self, client):
        response = client.get("/sessions", HTTP_ORIGIN="https://evil.example")
        assert response.status_code == 200
        assert "Access-Control-Allow-Origin" not in response

    def test_nobody_may_call_the_admin(self, anonymous, db):
        response = anonymous.get("/admin/login/", HTTP_ORIGIN="https://os.agno.com")
        assert response.status_code == 200
        assert "Access-Control-Allow-Origin" not in response


def test_a_preflight_says_ok_and_echoes_the_headers_it_asks_for(anonymous):
    asked = {
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "DELETE",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "authorization,x-foo",
    }
    response = anonymous.options("/sessions", HTTP_ORIGIN="https://os.agno.com", **asked)
    assert (response.status_code, response.content) == (200, b"OK")
    assert response["Access-Control-Allow-Headers"] == "authorization,x-foo"
    stranger = anonymous.options("/sessions", HTTP_ORIGIN="https://elsewhere.example", **asked)
    assert "Access-Control-Allow-Headers" not in stranger


def test_a_plain_options_of_an_unknown_route_needs_no_key(anonymous):
    response = anonymous.options("/v2/chat/")
    assert (response.status_code, response.json()) == (200, {})


def test_an_id_that_cannot_be_kept_is_shown_as_input(client):
    [error] = client.post("/sessions", {"session_id": "x" * 256}).json()["detail"]
    assert (error["loc"], error["input"]) == (["body", "session_id"], "x" * 256)
