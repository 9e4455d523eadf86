"""What in a span stands for what in the store."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app import services
from sessions_app.models import RunMetadata, Session, Span
from sessions_app.telemetry import store
from sessions_app.telemetry.store import store_spans
from tests import factories
from tests.telemetry.traces import answer, call, payloads, said, snapshot, span, text, trace_id

USER, TOLD = text("user", "Where is it?"), text("assistant", "In Bern.")


@pytest.fixture
def stored(project):
    """``stored(span, ...)``: the one session that comes of them."""

    def stored(*spans):
        assert store_spans(project=project, spans=spans) == (0, "")
        return Session.objects.get()

    return stored


def test_a_trace_without_a_conversation_is_a_session_of_its_own(stored):
    session = stored(span(1, gen_ai=said([USER], [TOLD])))
    assert (session.session_id, session.title) == (trace_id(1), "Where is it?")
    assert session.runs.get().run_id == trace_id(1)
    assert payloads(session) == [USER, TOLD]


@pytest.mark.parametrize("name", ["gen_ai.conversation.id", "session.id"])
def test_a_conversation_has_one_of_two_names(stored, name):
    assert stored(span(1, attributes={name: "c-7"})).session_id == "c-7"


@pytest.mark.parametrize("who", [1, 2, 3])
def test_any_span_of_a_run_may_name_the_conversation(stored, who):
    named = {"conversation.id": "c-7"}
    session = stored(
        span(1, "invoke_agent", gen_ai=named if who == 1 else {}),
        span(2, parent=1, gen_ai=named if who == 2 else {}),
        span(3, "execute_tool", parent=1, gen_ai=named if who == 3 else {}),
    )
    assert (session.session_id, session.run_count) == ("c-7", 1)


def test_without_content_runs_still_tell_what_happened(stored):
    usage = {"usage.input_tokens": 100, "usage.output_tokens": 20, "usage.cache_read.input_tokens": 40}
    usage |= {"usage.cache_creation.input_tokens": 3, "usage.reasoning.output_tokens": 7}
    model = {"request.model": "gpt-4o", "response.model": "gpt-4o-2024", "provider.name": "openai"}
    session = stored(
        span(1, "invoke_agent", seconds=4.5, gen_ai={"agent.id": "a-1", "agent.name": "Support", "provider.name": "x"}),
        span(2, parent=1, start=1, gen_ai=usage | model),
        span(3, "execute_tool", parent=1, start=2, gen_ai={"tool.name": "track"}),
        span(4, parent=1, start=3, gen_ai=usage | model),
    )
    run = session.runs.get()
    assert (run.turns, run.duration_ms, run.status, run.model_id) == (2, 4500.0, "COMPLETED", "gpt-4o-2024")
    assert (run.input_tokens, run.output_tokens, run.total_tokens) == (200, 40, 240)
    assert (run.cache_read_tokens, run.cache_write_tokens, run.reasoning_tokens) == (80, 6, 14)
    assert (run.model_provider, run.agent.agent_id, run.agent.name) == ("openai", "a-1", "Support")
    assert (run.input, run.content, session.message_count) == (None, None, 0)
    assert [each["name"] for each in run.details["spans"]] == ["invoke_agent 1", "chat 2", "execute_tool 3", "chat 4"]
    assert run.details["spans"][2]["attributes"]["gen_ai.tool.name"] == "track"


def test_what_an_agent_says_that_it_cost_goes_before_the_sum(stored):
    session = stored(
        span(1, "invoke_agent", gen_ai={"usage.input_tokens": 9, "usage.output_tokens": 1}),
        span(2, parent=1, gen_ai={"usage.input_tokens": 4, "usage.reasoning.output_tokens": 2}),
    )
    run = session.runs.get()
    assert (run.input_tokens, run.output_tokens, run.total_tokens, run.reasoning_tokens) == (9, 1, 10, 0)


@pytest.mark.parametrize("count", [-1, 2**63 - 1, "5", True, None, [1]])
def test_what_is_no_count_counts_nothing(stored, count):
    assert stored(span(1, gen_ai={"usage.input_tokens": count})).input_tokens == 0


def test_older_names(stored):
    old = {"system": "anthropic", "usage.prompt_tokens": 3, "usage.completion_tokens": 4, "request.model": "claude"}
    run = stored(span(1, "", gen_ai=old)).runs.get()
    assert (run.model_provider, run.model_id, run.input_tokens, run.output_tokens) == ("anthropic", "claude", 3, 4)


def test_messages_may_be_structured(stored):
    session = stored(span(1, gen_ai={"input.messages": [USER], "output.messages": [TOLD]}))
    assert payloads(session) == [USER, TOLD]


def test_instructions_stand_first_and_once(stored):
    rules = {"system_instructions": json.dumps([{"type": "text", "content": "Be kind."}])}
    session = stored(
        span(1, gen_ai=said([USER], [TOLD], **rules)),
        span(2, start=2, gen_ai=said([USER, TOLD, text("user", "Thanks")], [text("assistant", "Bye")], **rules)),
    )
    texts = [message.text for message in session.messages.in_order()]
    assert texts == ["Be kind.", "Where is it?", "In Bern.", "Thanks", "Bye"]


def test_words_of_the_invocation_alone_are_its_messages(stored):
    session = stored(span(1, "invoke_agent", gen_ai=said([USER], [TOLD])), span(2, parent=1))
    assert payloads(session) == [USER, TOLD]
    assert (session.runs.get().input, session.runs.get().content) == ("Where is it?", "In Bern.")


def test_words_of_invocation_and_calls_are_kept_once(stored):
    session = stored(
        span(1, "invoke_agent", seconds=9, gen_ai=said([USER], [TOLD])),
        span(2, parent=1, start=1, gen_ai=said([USER], [call("c-1")])),
        span(3, parent=1, start=3, gen_ai=said([USER, call("c-1"), answer("c-1", "Bern")], [TOLD])),
    )
    assert payloads(session) == [USER, call("c-1"), answer("c-1", "Bern"), TOLD]


def test_a_tool_tells_what_no_message_does(stored):
    tool = {"tool.name": "track", "tool.call.id": "c-1", "tool.call.result": '{"city": "Bern"}'}
    session = stored(
        span(1, "invoke_agent", seconds=9),
        span(2, parent=1, start=1, gen_ai=said([USER], [call("c-1")])),
        span(3, "execute_tool", parent=1, start=3, gen_ai=tool),
    )
    assert payloads(session)[:2] == [USER, call("c-1")]
    part = payloads(session)[2]["parts"][0]
    assert part == {"type": "tool_call_response", "id": "c-1", "name": "track", "response": {"city": "Bern"}}


def test_a_tool_may_tell_of_its_call_too(stored):
    tool = {"tool.name": "track", "tool.call.arguments": '{"parcel": 1}', "tool.call.result": "Bern"}
    session = stored(span(1, "execute_tool", gen_ai=tool))
    assert [(message.role, message.tool_call_id) for message in session.messages.in_order()] == [
        ("assistant", ""),
        ("tool", f"{1:016x}"),
    ]
    assert payloads(session)[0]["parts"][0]["arguments"] == {"parcel": 1}


def test_answers_of_several_tools_become_messages_of_their_own(stored):
    both = {"role": "user", "parts": [*answer("c-1", "Bern")["parts"], *answer("c-2", "Rome")["parts"]]}
    session = stored(span(1, gen_ai=said([USER, both], [TOLD])))
    rows = session.messages.in_order()
    assert [(row.role, row.tool_call_id, row.text) for row in rows][1:3] == [
        ("tool", "c-1", "Bern"),
        ("tool", "c-2", "Rome"),
    ]


def test_errors(stored):
    raised = [{"name": "exception", "attributes": {"exception.type": "TimeoutError", "exception.message": "Too slow"}}]
    session = stored(span(1, "invoke_agent", status=2, events=raised), span(2, parent=1, status=2, status_message="x"))
    run = session.runs.get()
    assert (run.status, run.is_error, run.error) == ("ERROR", True, "TimeoutError: Too slow")
    assert (session.error_count, session.last_run_status) == (1, "ERROR")


def test_a_call_that_was_tried_again_is_no_error_and_no_second_question(stored):
    session = stored(
        span(1, start=0, attributes={"error.type": "429"}, gen_ai=said([USER], [])),
        span(2, start=2, gen_ai=said([USER], [TOLD])),
    )
    assert session.runs.get().status == "COMPLETED"
    assert payloads(session) == [USER, TOLD]


@pytest.mark.parametrize("name", ["user.id", "enduser.id"])
@pytest.mark.parametrize("place", ["attributes", "resource"])
def test_users(stored, name, place):
    session = stored(span(1, **{place: {name: "maria"}}))
    assert (session.user_id, session.runs.get().user_id) == ("maria", "maria")


def test_a_workflow_and_its_agents(stored):
    session = stored(
        span(1, "invoke_workflow", seconds=9, gen_ai={"workflow.name": "pipeline"}),
        span(2, "invoke_agent", parent=1, start=1, gen_ai={"agent.name": "writer"}),
        span(3, "invoke_agent", parent=2, start=2, gen_ai={"agent.name": "editor"}),
    )
    runs = list(session.runs.in_order())
    assert [run.agent.agent_id for run in runs] == ["pipeline", "writer", "editor"]
    assert [run.parent_run_id for run in runs] == [None, runs[0].run_id, runs[1].run_id]
    assert (session.type, session.agent.agent_id) == ("workflow", "pipeline")


def test_an_agent_with_a_conversation_of_its_own_has_a_session_of_its_own(project):
    store_spans(
        project=project,
        spans=[
            span(1, "invoke_agent", gen_ai={"conversation.id": "outer"}),
            span(2, "invoke_agent", parent=1, gen_ai={"conversation.id": "inner"}),
        ],
    )
    assert {run.session.session_id: run.parent_run_id for run in RunMetadata.objects.all()} == {
        "outer": None,
        "inner": None,
    }


def test_a_child_is_joined_to_its_parent_over_spans_that_say_nothing(stored):
    session = stored(
        span(1, "invoke_agent", gen_ai={"conversation.id": "c-7"}), span(2, "", parent=1), span(3, parent=2)
    )
    assert session.runs.get().turns == 1
    assert Span.objects.get(span_id=f"{2:016x}").body is None


@pytest.mark.parametrize("operation", ["create_agent", "embeddings", "retrieval", "search_memory", "plan"])
def test_what_is_no_part_of_a_conversation_makes_no_session(project, operation):
    assert store_spans(project=project, spans=[span(1, operation, gen_ai={"request.model": "m"})]) == (0, "")
    assert not Session.objects.exists()


def test_requests_between_processes_are_not_kept(project):
    assert store_spans(project=project, spans=[span(1, "", kind=2), span(2, "", kind=3)]) == (0, "")
    assert not Span.objects.exists()


def test_spans_that_are_each_others_parents(stored):
    session = stored(span(1, "invoke_agent", parent=2), span(2, "invoke_agent", parent=1), span(3, parent=3))
    assert session.run_count == 3


def test_a_trace_has_an_end(project, monkeypatch):
    monkeypatch.setattr(store, "MAX_SPANS", 2)
    assert store_spans(project=project, spans=[span(1), span(2)]) == (0, "")
    assert store_spans(project=project, spans=[span(3), span(2)]) == (2, "A trace can have 2 spans")
    assert Session.objects.get().runs.get().turns == 2


def test_the_session_of_another_wire_goes_on(project):
    session = services.create_session(project=project, session_id="c-7", user_id="maria", name="Parcels")
    services.record_run(
        session=session, run_id="r-1", messages=[services.NewMessage({"role": "user", "content": "Hi"})]
    )
    store_spans(project=project, spans=[span(1, gen_ai=said([USER], [TOLD], **{"conversation.id": "c-7"}))])
    session.refresh_from_db()
    assert (session.name, session.user_id, session.run_count, session.message_count) == ("Parcels", "maria", 2, 3)


def test_what_was_moved_to_another_project_is_out_of_reach(project):
    store_spans(project=project, spans=[span(2, parent=1, gen_ai=said([USER], [TOLD]))])
    other = factories.ProjectFactory()
    services.move_session(session=Session.objects.get(), project=other)
    before = snapshot(other)
    store_spans(project=project, spans=[span(1, "invoke_agent", gen_ai={"conversation.id": "c-7"})])
    assert snapshot(other) == before != {}
    assert snapshot(project).keys() == {"c-7"}


def test_with_a_session_its_spans_go(stored):
    session = stored(span(1, gen_ai=said([USER], [TOLD])))
    services.delete_sessions(sessions=Session.objects.filter(pk=session.pk))
    assert not Span.objects.exists()


def test_a_long_session_costs_no_more_queries_than_a_short_one(project):
    counts = []

    def turn_of(number):
        named = {"conversation.id": "long", "agent.name": "Support"}
        return [
            span(1, "invoke_agent", trace=number, start=10 * number, gen_ai=named),
            span(2, trace=number, parent=1, start=10 * number, gen_ai=said([text("user", f"{number}")], [TOLD])),
        ]

    for number in range(1, 40):
        with CaptureQueriesContext(connection) as captured:
            store_spans(project=project, spans=turn_of(number))
        counts.append(len(captured))
    assert counts[-1] == counts[2] < 50
    assert Session.objects.get().message_count == 78
