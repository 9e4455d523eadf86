"""What each read asks of the database: so many statements, however much lies in the store.

``test_write_statements`` counts those of the writes.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from tests import factories
from tests.dialects.table import ENDPOINTS, OWNER, call

MANY = 12
READS = [endpoint for endpoint in ENDPOINTS if endpoint.method == "get"]

COUNTS = {
    "get api/agents": 1,
    "get api/agents/<str:agent_id>": 1,
    "get api/sessions": 2,
    "get api/sessions?q=parcel": 5 if connection.vendor == "postgresql" else 2,
    "get api/sessions?agent_id=a-1&user_id=maria&metadata.channel=web": 2,
    "get api/sessions/<str:session_id>": 2,
    "get api/sessions/<str:session_id>/export": 7,
    "get api/sessions/<str:session_id>/export?as=markdown": 3,
    "get api/sessions/<str:session_id>/export?as=openai": 3,
    "get api/sessions/<str:session_id>/messages": 2,
    "get api/sessions/<str:session_id>/messages/<str:position>": 2,
    "get api/sessions/<str:session_id>/runs": 2,
    "get api/sessions/<str:session_id>/runs/<str:run_id>": 3,
    "get api/v1/chat": 1,
    "get api/v1/chat/<str:session_id>": 3,
    "get api/v1/chat/<str:session_id>/summary": 1,
    "get v1/sessions/<str:session_id>?timeout=30": 1,
    "get v1/sessions/<str:session_id>/history?unix=false": 3,
    "get v1/sessions/<str:session_id>/<str:agent_id>/history": 2,
    "get v1/sessions/<str:session_id>/conversation": 3,
    "get v1/sessions/<str:session_id>/summary": 1,
    "get v1/agent/<str:agent_id>/sessions": 1,
    "get v1/agent/<str:agent_id>/published/sessions": 2,
    "get v1/users/<str:user_id>/sessions": 1,
    "get v2/activities?user_id=maria&session_id=s-1": 2,
    "get v3/sessions": 2,
    "get v3/sessions/<str:session_id>": 1,
    "get v3/sessions/<str:session_id>/messages": 3,
    "get v3/sessions/<str:session_id>/branches": 2,
    "get v3/sessions/<str:session_id>/tree": 3,
    "get v3/sessions/<str:session_id>/ancestry": 2,
    "get sessions": 1,
    "get sessions?component_id=a-1&session_name=PARCEL&sort_by=agent_id": 2,
    "get sessions/<str:session_id>": 1 if connection.vendor == "postgresql" else 2,
    "get sessions/<str:session_id>?type=agent&db_id=default&table=agno_sessions": (
        1 if connection.vendor == "postgresql" else 2
    ),
    "get sessions/<str:session_id>/runs": 1 if connection.vendor == "postgresql" else 3,
    "get sessions/<str:session_id>/run-previews": 1 if connection.vendor == "postgresql" else 3,
    "get sessions/<str:session_id>/runs/<str:run_id>": 3,
    "get config": 0,
}


def statements(client, endpoint):
    """How many statements an endpoint takes, of a process that has served such a request before."""
    call(client, endpoint)  # From then on the key is known, and what the database can.
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


@pytest.mark.parametrize("endpoint", READS, ids=str)
def test_it_takes_so_many(client, store, endpoint):
    assert statements(client, endpoint) == COUNTS[str(endpoint)]


@pytest.mark.parametrize("endpoint", READS, ids=str)
def test_and_no_more_in_a_fuller_store(client, project, store, endpoint):
    grow(project, store)
    assert statements(client, endpoint) <= COUNTS[str(endpoint)]


def test_each_read_is_counted():
    assert COUNTS.keys() == {str(endpoint) for endpoint in READS}
