from __future__ import annotations

import json

import pytest

from sessions_app import services
from sessions_app.dialects.agno import stored
from sessions_app.mappings.agno.runs import store_run
from sessions_app.mappings.agno.sessions import store_session
from tests import factories
from tests.conftest import client_with
from tests.dialects.agno.samples import RUN, only, store


class TestAgain:
    """Runs are not put together again where nothing has changed; where anything has, they are shown as they are."""

    messages = (("user", "secret plan"), ("assistant", "Very well."))

    @pytest.fixture
    def session(self, project):
        messages = [{"role": role, "content": content} for role, content in self.messages]
        session = store(project, *[{**RUN, "run_id": str(number), "messages": messages} for number in range(2)])
        return services.update_session(session=session, details={})

    def changed(self, client, change):
        before = client.get("/sessions/s/runs").json()
        change()
        after = client.get("/sessions/s/runs").json()
        assert after == client.get("/sessions/s/runs").json()
        assert len(before) == 2
        return before, after

    def test_a_run(self, client, session):
        run = session.runs.first()
        before, after = self.changed(client, lambda: services.update_run(run=run, content="New", status="ERROR"))
        assert (after[0]["content"], after[0]["status"], after[1]) == ("New", "ERROR", before[1])

    def test_a_message(self, client, session):
        message = session.messages.get(run__run_id="1", role="assistant")
        payload = {"role": "assistant", "content": "No."}
        before, after = self.changed(client, lambda: services.update_message(message=message, payload=payload))
        assert after[0] == before[0]
        assert after[1]["messages"][1]["content"] == "No."

    def test_what_is_hidden(self, client, session):
        run = session.runs.first()
        _, after = self.changed(client, lambda: services.redact_run(run=run))
        assert "secret" not in json.dumps(after[0])

    def test_a_run_that_is_gone(self, client, session):
        before, after = self.changed(client, lambda: services.delete_run(run=session.runs.first()))
        assert after == before[1:]

    def test_a_session_whose_framework_is_known_by_now(self, client, session):
        details = {"agent_data": {"framework": "langgraph"}}
        before, after = self.changed(client, lambda: services.update_session(session=session, details=details))
        assert "metadata" not in before[0]
        assert after[0]["metadata"] == {"sdk": "langgraph"}

    def test_another_one_s_session_with_the_same_runs(self, client, session):
        other = factories.APIKeyFactory()
        team = store_session(other.project, {"session_id": "s", "session_type": "team", "team_id": "t"})
        for run in client.get("/sessions/s/runs").json():
            store_run(team, {**RUN, "run_id": run["run_id"], "agent_id": None})
        assert len(client.get("/sessions/s/runs").json()) == 2
        assert client_with(other).get("/sessions/s/runs").json() == []

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ({"content": "short"}, 1),
            ({"content": "x" * 10_000}, 0),
            ({"input": {"input_content": {"": json.loads("[" * 200 + "]" * 200)}}}, 0),  # Indented, it is long.
        ],
    )
    def test_only_small_ones_are_kept(self, client, project, given, kept):
        stored._kept.clear()
        store(project, {**RUN, **given})
        assert only(client) == only(client)
        assert len(stored._kept._values) == kept
