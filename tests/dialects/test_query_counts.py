"""What each endpoint asks of the database: so many statements, however much lies in the store."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from tests import factories
from tests.dialects.table import ENDPOINTS, OWNER, call

MANY = 12

COUNTS: dict[str, int] = {}


def statements(client, endpoint):
    """How many statements an endpoint takes, of a process that has served such a request before."""
    client.get("/api/agents")  # From then on the key is known.
    with CaptureQueriesContext(connection) as captured:
        response = call(client, endpoint)
        getattr(response, "content", None)
    assert response.status_code == endpoint.done
    return len([each for each in captured.captured_queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def grow(project, store):
    """More of everything: sessions of the same agent and user, and runs and messages of the one that is asked for."""
    for _ in range(MANY):
        other = factories.SessionFactory(project=project, agent=store.agent, user_id=OWNER, metadata={"channel": "web"})
        services.update_session(session=other, tags=["parcel", other.session_id])
        factories.RunFactory(session=other, agent=store.agent, messages=[{"role": "user", "content": "My parcel?"}])
        messages = [{"role": role, "content": "A parcel."} for role in ("user", "assistant")]
        factories.RunFactory(session=store, agent=store.agent, user_id=OWNER, messages=messages)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_it_takes_so_many(client, store, endpoint):
    assert statements(client, endpoint) == COUNTS[str(endpoint)]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_and_no_more_in_a_fuller_store(client, project, store, endpoint):
    grow(project, store)
    assert statements(client, endpoint) <= COUNTS[str(endpoint)]


def test_each_endpoint_is_counted():
    assert COUNTS.keys() == {str(endpoint) for endpoint in ENDPOINTS}
