"""What comes back of sessions and runs, however odd, whoever wrote them, and whatever was hidden of them."""

from __future__ import annotations

import math

import pytest
from agno.db.base import SessionType
from agno.run.agent import RunOutput
from agno.session import TeamSession
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.exceptions import InvalidValue, SessionNotFound
from sessions_app.models import Session
from sessions_app.services import NewMessage
from tests import factories
from tests.adapters.agno.samples import run, session

pytestmark = pytest.mark.django_db


def test_numbers_that_json_cannot_say_come_back(ours):
    ours.upsert_session(session(session_data={"session_state": {"score": math.nan}}, metadata={"max": [math.inf]}))
    ours.upsert_run(run("r", "Hello", metadata={"low": -math.inf}), "s")

    stored = ours.get_session("s")
    assert math.isnan(stored.session_data["session_state"]["score"])
    assert (stored.metadata, stored.runs[0].metadata) == ({"max": [math.inf]}, {"low": -math.inf})
    assert Session.objects.get().state == {"score": "NaN"}


def test_text_and_metadata_that_columns_refuse_come_back(ours):
    odd = {"session_name": "a\x00b", "session_state": {"\x00": "\ud800"}}
    ours.upsert_session(session(session_data=odd, metadata={"a\x00": 1e23}))
    stored = ours.get_session("s")
    assert (stored.session_data, stored.metadata) == (odd, {"a\x00": 1e23})
    assert Session.objects.get().name == "a\ufffdb"


def test_of_an_unknown_session_nothing_is_kept(ours):
    with pytest.raises(SessionNotFound):
        ours.upsert_run(run(), "nowhere")
    with pytest.raises(ValueError, match="run_id"):
        ours.upsert_run({"agent_id": "x"}, "nowhere")
    with pytest.raises(InvalidValue):
        ours.upsert_session(session("x" * 256))
    assert ours.delete_sessions(["nowhere", "\x00"]) is None
    assert ours.rename_session("nowhere", SessionType.AGENT, "x") is None
    assert ours.reassign_session_owner("nowhere", previous_user_id="u", user_id="v") is False


def test_a_session_of_another_wire_is_shown_and_goes_on(ours):
    stored = factories.SessionFactory(
        project=ours.project, session_id="s", user_id=None, name="Theirs", details={"k": 1}
    )
    usage = {"input_tokens": 5, "output_tokens": 2}
    services.record_run(
        session=stored, run_id="r", messages=[NewMessage({"role": "user", "content": "Hi"})], content="Ho", usage=usage
    )
    shown = ours.get_session("s")
    assert shown.session_data == {
        "session_name": "Theirs",
        "session_metrics": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
    }
    assert [(each.content, each.messages[0].content) for each in shown.runs] == [("Ho", "Hi")]
    shown.session_data["session_metrics"]["total_tokens"] += 3
    ours.upsert_session(shown)
    assert ours.get_session("s").session_data["session_metrics"]["total_tokens"] == 10
    stored.refresh_from_db()
    assert stored.details["k"] == 1


def test_hidden_words_stay_hidden_when_an_agent_remembers_them(ours):
    ours.upsert_session(session())
    ours.upsert_run(run("r", "my secret is Rumpelstiltskin", "fine"), "s")
    message = Session.objects.get().messages.in_order().first()
    services.redact_message(message=message)

    again = run("r", "my secret is Rumpelstiltskin", "fine", content="You said: my secret is Rumpelstiltskin")
    ours.upsert_run(again, "s")
    later = run("q", "my secret is Rumpelstiltskin", "and now?")
    later["messages"][0]["from_history"] = True
    ours.upsert_run(later, "s")

    shown = repr([each.to_dict() for each in ours.get_session("s").runs])
    assert "Rumpelstiltskin" not in shown
    assert "fine" in shown
    services.restore_message(message=message)
    assert ours.get_run("r").messages[0].content == "my secret is Rumpelstiltskin"


def test_a_run_that_was_read_while_hidden_and_written_back_can_still_be_restored(ours):
    ours.upsert_session(session())
    ours.upsert_run(run("r", "my secret is Rumpelstiltskin", "fine"), "s")
    message = Session.objects.get().messages.in_order().first()
    services.redact_message(message=message)

    ours.upsert_run(ours.get_run("r"), "s")

    services.restore_message(message=message)
    assert ours.get_run("r").messages[0].content == "my secret is Rumpelstiltskin"


def test_an_object_of_another_kind_than_the_stored_one_keeps_the_type(ours):
    ours.upsert_session(session(agent_data={"name": "Clerk"}))
    ours.upsert_session(TeamSession(session_id="s", team_id="office", team_data={"name": "Office"}))
    row = ours.get_session("s", deserialize=False)
    assert (row["session_type"], row["agent_id"], row["team_id"]) == ("agent", "clerk", "office")
    assert (row["agent_data"], row["team_data"]) == ({"name": "Clerk"}, {"name": "Office"})


def test_runs_are_found_by_who_ran_and_for_whom(ours):
    ours.upsert_session(session())
    ours.upsert_run(RunOutput(run_id="a", agent_id="clerk", workflow_id='fl"ow'), "s", user_id="u")
    ours.upsert_run({"run_id": "b", "team_id": "office", "status": "ERROR"}, "s")
    found = lambda **asked: [each["run_id"] for each in ours.get_runs(**asked, deserialize=False)[0]]  # noqa: E731
    assert found(agent_id="clerk") == found(workflow_id='fl"ow') == found(user_id="u") == ["a"]
    assert found(team_id="office") == found(status="ERROR") == ["b"]
    assert found(sort_by="run_id", sort_order="desc", limit=1, page=2) == ["a"]
    assert found(session_id="\x00") == found(agent_id="\x00") == found(agent_id="no") == []
    with pytest.raises(ValueError, match="limit"):
        ours.get_runs(page=1)


@pytest.mark.parametrize(
    ("status", "content", "asked", "kept"),
    [
        ("PENDING", None, {}, "why"),
        ("PENDING", "said", {}, "said"),
        ("RUNNING", "", {"expected_status": "RUNNING"}, "why"),
        ("COMPLETED", "said", {}, None),
        ("PENDING", None, {"user_id": "v"}, None),
        ("PENDING", None, {"session_id": "t"}, None),
    ],
)
def test_a_run_is_cancelled_only_as_expected(ours, status, content, asked, kept):
    ours.upsert_session(session())
    ours.upsert_run(run("r", status=status, content=content), "s", user_id="u")
    done = ours.cancel_pending_run("r", **{"session_id": "s", "reason": "why", "user_id": "u"} | asked)
    stored = ours.get_run("r")
    assert done is (kept is not None)
    assert (stored.status.value, stored.content) == (("CANCELLED", kept) if done else (status, content))
    with pytest.raises(ValueError, match="Only Pending or Running"):
        ours.cancel_pending_run("r", session_id="s", reason="why", expected_status="COMPLETED")


def test_only_an_idle_session_is_given_away(ours):
    ours.upsert_session(session(user_id="u", created_at=1_700_000_000))
    ours.upsert_run(run("r", status="PAUSED"), "s")
    assert ours.reassign_session_owner("s", previous_user_id="u", user_id="v") is False
    ours.upsert_run(run("r"), "s")
    before = ours.get_session("s").updated_at
    assert ours.reassign_session_owner("s", previous_user_id="v", user_id="w") is False
    assert ours.reassign_session_owner("s", previous_user_id="u", user_id="v") is True
    assert (ours.get_session("s").user_id, ours.get_session("s").updated_at) == ("v", before)


def test_a_write_asks_no_more_the_longer_its_session_is(ours):
    ours.upsert_session(session())
    counts = []
    for number in range(3):
        stored = ours.get_session("s")
        with CaptureQueriesContext(connection) as new:
            ours.upsert_run(run(f"r{number}", "Hello", "again"), "s", run_index=number)
        with CaptureQueriesContext(connection) as same:
            ours.upsert_run(run(f"r{number}", "Hello", "again"), "s", run_index=number)
        with CaptureQueriesContext(connection) as row:
            ours.upsert_session(stored)
        counts.append((len(new), len(same), len(row)))
    assert counts[1] == counts[2]
