"""Sessions to be found by the filters of their list."""

from __future__ import annotations

from urllib.parse import urlencode

from sessions_app import services

URL = "/api/sessions"


def found(client, *query, **named):
    response = client.get(URL, QUERY_STRING=urlencode([*query, *named.items()]))
    assert response.status_code == 200, response.content
    return {row["session_id"] for row in response.json()["results"]}


def make(project, session_id, **fields):
    return services.create_session(project=project, session_id=session_id, **fields)
