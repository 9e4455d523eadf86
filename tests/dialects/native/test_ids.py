"""Ids that no path leads to, as each is one segment of a path."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("taken", [".", "..", "a/b"])
@pytest.mark.parametrize(
    ("url", "name"),
    [("/api/sessions", "session_id"), ("/api/agents", "agent_id"), ("/api/sessions/s-1/runs", "run_id")],
)
def test_they_are_refused(client, store, url, name, taken):
    response = client.post(url, {name: taken})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", name]


@pytest.mark.parametrize("taken", ["...", ".a", "a..b"])
def test_other_dots_are_not(client, store, taken):
    assert client.post("/api/sessions", {"session_id": taken}).status_code == 201
    assert client.get(f"/api/sessions/{taken}").json()["session_id"] == taken
