"""How many statements each write sends, with those that begin and end its transaction: so that none grows unseen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.dialects import table
from tests.dialects.table import MESSAGE

RECORDS = {
    "postgresql": ["WITH"],
    "sqlite": ["INSERT", "INSERT", "UPDATE"],
    "mysql": ["SELECT", "INSERT", "INSERT", "UPDATE"],
}[connection.vendor]
"""PostgreSQL stores all in one statement; MariaDB cannot find out by an INSERT that just this run is there already."""
WRITES = [endpoint for endpoint in table.ENDPOINTS if endpoint.method != "get"]
MOST = {
    ("post api/agents", 201): 3,
    ("patch api/agents/<str:agent_id>", 200): 2,
    ("delete api/agents/<str:agent_id>", 409): 7,
    ("post api/sessions", 201): 8,
    ("delete api/sessions", 200): 16,
    ("patch api/sessions/<str:session_id>", 200): 14,
    ("delete api/sessions/<str:session_id>", 204): 17,
    ("post api/sessions/<str:session_id>/messages", 201): 5,
    ("post api/sessions/<str:session_id>/messages?create=true&agent_id=brand-new", 201): 5,
    ("patch api/sessions/<str:session_id>/messages/<str:position>", 200): 17,
    ("delete api/sessions/<str:session_id>/messages/<str:position>", 204): 16,
    ("post api/sessions/<str:session_id>/runs", 201): 3 + len(RECORDS),
    ("post api/sessions/<str:session_id>/runs", 200): 6,
    ("post api/sessions/<str:session_id>/runs?create=true&agent_id=brand-new", 201): 3 + max(len(RECORDS) - 1, 1),
    ("patch api/sessions/<str:session_id>/runs/<str:run_id>", 200): 17,
    ("delete api/sessions/<str:session_id>/runs/<str:run_id>", 204): 22,
    ("post api/v1/chat", 200): 6,
    ("delete api/v1/chat/<str:session_id>", 204): 17,
    ("post api/v1/chat/<str:session_id>/messages/stream", 200): 4 + len(RECORDS),
    ("post v1/sessions", 200): 6,
    ("post v1/sessions/<str:session_id>", 200): 11,
    ("put v1/sessions/<str:session_id>", 200): 7,
    ("delete v1/sessions/<str:session_id>", 200): 17,
    ("post v3/sessions", 200): 7,
    ("patch v3/sessions/<str:session_id>", 200): 8,
    ("delete v3/sessions/<str:session_id>", 200): 17,
    ("post v3/sessions/<str:session_id>/branch", 422): 1,
    ("post sessions", 201): 7,
    ("delete sessions", 204): 16,
    ("patch sessions/<str:session_id>", 200): 9,
    ("delete sessions/<str:session_id>", 204): 16,
    ("post sessions/<str:session_id>/rename", 200): 9,
    ("post v1/traces", 200): 26 + max(len(RECORDS) - 1, 1),
}
"""By endpoint and the status that it answers with. An open transaction has savepoints instead of BEGIN and COMMIT."""
RUNS, MESSAGES = "/api/sessions/s-1/runs", "/api/sessions/s-1/messages"


@pytest.fixture
def sent(client, store):
    """The statements that a request sends, whose key is known already, as is what the database can."""
    client.get("/api/agents")
    assert connection.features.supports_json_field

    def send(method, path, body):
        with CaptureQueriesContext(connection) as queries:
            response = getattr(client, method)(path, body)
        return response.status_code, [query["sql"] for query in queries.captured_queries]

    return send


def test_the_table_is_complete():
    assert set(MOST) == {(str(endpoint), endpoint.done) for endpoint in WRITES}


@pytest.mark.parametrize("endpoint", WRITES, ids=str)
def test_it_sends_no_more_statements(sent, endpoint):
    status, statements = sent(endpoint.method, endpoint.url(), endpoint.body)
    assert status == endpoint.done
    assert len(statements) <= MOST[str(endpoint), endpoint.done], statements


@pytest.mark.parametrize("count", [1, 30])
def test_a_run_is_recorded_in_few_statements_however_many_messages_it_has(sent, count):
    body = {"run_id": "new", "model": {"id": "gpt-4o"}, "input": "?", "content": "!", "messages": [MESSAGE] * count}
    status, (_, *statements, _) = sent("post", RUNS, body)
    assert status == 201
    assert [statement.split()[0] for statement in statements] == ["SELECT", *RECORDS], statements


@pytest.mark.parametrize("count", [1, 30])
def test_messages_are_appended_in_three(sent, count):
    status, (_, *statements, _) = sent("post", MESSAGES, [MESSAGE] * count)
    assert status == 201
    assert [statement.split()[0] for statement in statements] == ["SELECT", "INSERT", "UPDATE"], statements


def test_the_session_is_locked_by_its_look_up(sent):
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite locks its whole file")
    _, statements = sent("post", RUNS, {"run_id": "new"})
    assert "FOR UPDATE" in next(each for each in statements if each.startswith("SELECT"))


@pytest.mark.parametrize("body", [{}, {"messages": [MESSAGE], "agent_id": "a-1", "duration_ms": 5, "input": [1.0]}])
def test_the_answer_says_what_is_then_read(client, store, body):
    answer = client.post(RUNS, {"run_id": "new", **body}).json()
    assert answer == client.get(f"{RUNS}/new").json()


def test_the_sessions_own_agent_is_not_looked_up(sent):
    if connection.vendor == "mysql":
        pytest.skip("MariaDB would lock the agent as well")
    _, statements = sent("post", RUNS, {"run_id": "new", "agent_id": "a-1"})
    assert not [each for each in statements if 'FROM "sessions_app_agent"' in each]
