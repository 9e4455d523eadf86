"""OpenTelemetry's own SDK and exporter, against a live server, and what every wire then says."""

from __future__ import annotations

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression

from sessions_app.models import APIKey, Session
from tests import factories
from tests.dialects.otlp.program import Shop, provider_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program(live_server, key):
    """``program(shop)`` runs and everything is sent when it returns."""

    def run(steps, **options):
        provider = provider_for(live_server.url, key.secret, **options)
        try:
            steps(Shop(provider))
        finally:
            assert provider.force_flush()
            provider.shutdown()

    return run


def two_turns(shop):
    shop.turn(1)
    shop.turn(2)


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_runs_messages_and_tokens_are_there(program, compression):
    program(two_turns, compression=compression)
    session = Session.objects.get()
    assert (session.session_id, session.user_id, session.title) == ("parcels", "maria", "Where is parcel 1?")
    assert (session.run_count, session.input_tokens, session.output_tokens) == (4, 600, 120)
    assert (session.cache_read_tokens, session.agent.agent_id) == (240, "support")
    runs = list(session.runs.in_order())
    assert [run.agent.name for run in runs] == ["Support", "Tracker"] * 2
    assert [run.parent_run_id for run in runs] == [None, runs[0].run_id, None, runs[2].run_id]
    assert [(run.turns, run.model_id, run.status) for run in runs[:2]] == [
        (2, "gpt-4o-2024-08-06", "COMPLETED"),
        (1, "gpt-4o-2024-08-06", "COMPLETED"),
    ]
    assert (runs[2].input, runs[2].content) == ("Where is parcel 2?", "Parcel 2 is in Bern.")
    assert [message.role for message in runs[0].messages.in_order()] == [
        "system", "user", "assistant", "tool", "assistant"
    ]  # fmt: skip
    assert [message.role for message in runs[2].messages.in_order()] == ["user", "assistant", "tool", "assistant"]


def test_every_wire_tells_it(program, live_server, key):
    program(lambda shop: shop.turn(1))

    def read(path):
        return httpx.get(f"{live_server.url}{path}", headers={"x-api-key": key.secret}).raise_for_status().json()

    asked, told = "Where is parcel 1?", "Parcel 1 is in Bern."
    native = read("/api/sessions/parcels/export?as=openai")
    assert " ".join(message["role"] for message in native["messages"][:5]) == "system user assistant tool assistant"
    assert native["messages"][2]["tool_calls"][0]["function"] == {"name": "track", "arguments": '{"parcel": 1}'}
    history = [message for message in read("/sessions/parcels")["chat_history"] if message["role"] != "system"]
    assert (history[0]["content"], history[3]["content"]) == (asked, told)
    assert read("/sessions/parcels/runs")[0]["metrics"]["input_tokens"] == 200
    events = read("/api/v1/chat/parcels")["events"]
    assert [event["type"] for event in events] == ["user_input", "tool_call", "tool_result", "text", "stop"]
    assert (events[0]["content"], events[2]["result"], events[3]["content"]) == (asked, "Bern", told)
    assert [message["content"] for message in read("/v1/sessions/parcels/history")["history"]] == [asked, told]


def test_an_error_is_told(program):
    with pytest.raises(TimeoutError):
        program(Shop.fail)
    run = Session.objects.get(session_id="failure").runs.get()
    assert (run.status, run.is_error, run.model_id) == ("ERROR", True, "gpt-4o")
    assert run.error == "TimeoutError: The model does not answer"
    assert run.session.error_count == 1


def test_a_wrong_key_writes_nothing(live_server, caplog):
    provider = provider_for(live_server.url, "wrong")
    Shop(provider).turn(1)
    provider.force_flush()
    provider.shutdown()
    assert not Session.objects.exists()
    assert "401" in caplog.text


def test_a_key_that_reads_writes_nothing(live_server, project, caplog):
    provider = provider_for(live_server.url, factories.APIKeyFactory(project=project, scope=APIKey.Scope.READ).secret)
    Shop(provider).turn(1)
    provider.force_flush()
    provider.shutdown()
    assert not Session.objects.exists()
    assert "403" in caplog.text
