from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import override_settings

from sessions_app.throttling import APIKeyThrottle
from tests import factories
from tests.conftest import client_with

URL = "/api/sessions"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Stands still until a test moves it."""
    now = [1_000_000.0]
    monkeypatch.setattr(APIKeyThrottle, "timer", lambda self: now[0])
    cache.clear()
    yield now
    cache.clear()


def limited(rate):
    return override_settings(AGENT_SESSIONS={"THROTTLE_RATE": rate})


def statuses(client, times):
    return [client.get(URL).status_code for _ in range(times)]


def test_nothing_is_limited_unless_the_site_says_so(client):
    assert statuses(client, 30) == [200] * 30


def test_it_refuses_what_is_too_much(client):
    with limited("3/min"):
        assert statuses(client, 5) == [200, 200, 200, 429, 429]


def test_it_says_when_to_come_again(client, clock):
    with limited("1/min"):
        client.get(URL)
        clock[0] += 0.5
        response = client.get(URL)
        assert response["Retry-After"] == "60"  # Rounded up: 59 would be too early.
        assert response.json() == {"detail": "Request was throttled. Expected available in 60 seconds."}
        clock[0] += int(response["Retry-After"])
        assert client.get(URL).status_code == 200


def test_each_key_has_a_limit_of_its_own(client, project):
    other = client_with(factories.APIKeyFactory(project=project))
    with limited("1/min"):
        assert statuses(client, 2) == [200, 429]
        assert statuses(other, 2) == [200, 429]


def test_all_wires_count_together(client, store):
    with limited("2/min"):
        assert client.get("/api/sessions/s-1").status_code == 200
        assert client.get("/v1/sessions/s-1/summary").status_code == 200
        for url in ("/sessions/s-1", "/api/v1/chat/s-1/summary", "/v1/agent/a-1/sessions"):
            response = client.get(url)
            assert response.status_code == 429
            assert isinstance(response.json()["detail"], str)


def test_a_refused_write_writes_nothing(client, project):
    with limited("1/min"):
        client.get(URL)
        assert client.post(URL, {"session_id": "new"}).status_code == 429
    assert not project.sessions.exists()


def test_without_a_key_it_is_401_however_often(anonymous, db):
    with limited("1/min"):
        assert statuses(anonymous, 3) == [401] * 3


def test_the_documentation_is_not_limited(anonymous, db):
    with limited("1/min"):
        assert [anonymous.get("/docs").status_code for _ in range(3)] == [200] * 3
