"""Agents, teams and workflows that keep their sessions with us, with a scripted model."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from agno.session import AgentSession, TeamSession, WorkflowSession
from agno.team import Team
from agno.workflow import Step, Workflow

from sessions_app.models import Message, Session
from tests.adapters.agno.scripted import TOKENS_A_CALL, Scripted, agent, call_tool

PARALLEL = 8


def test_an_agent_with_tools_goes_on_where_it_stopped(store):
    first = agent(store, add_history_to_context=True)
    first.run("city=Bonn", session_id="s", user_id="u", session_state={"name": "Eva"})
    answer = agent(store, add_history_to_context=True).run("And now?", session_id="s", user_id="u")

    assert answer.content == "Said 2 times"
    stored = Session.objects.get(session_id="s")
    assert (stored.run_count, stored.total_tokens, stored.state) == (2, 36, {"name": "Eva", "city": "Bonn"})
    assert (stored.agent.agent_id, stored.agent.name, stored.user_id) == ("clerk", "Clerk", "u")
    said = Message.objects.conversation(stored).values_list("role", "text")
    assert [role for role, _ in said] == ["user", "assistant", "tool", "assistant", "user", "assistant"]
    session = store.get_session("s")
    assert [run.content for run in session.runs] == ["Said 1 times", "Said 2 times"]
    assert session.session_data["session_metrics"]["total_tokens"] == 36


def test_an_agent_runs_in_an_event_loop(either):
    async def talk():
        await agent(either).arun("city=Bonn", session_id="s")
        async for _ in agent(either).arun("Hello", session_id="s", stream=True):
            pass
        return await agent(either).aget_session("s")

    session = asyncio.run(talk())

    assert [run.content for run in session.runs] == ["Said 1 times", "Said 1 times"]
    assert session.session_data["session_state"] == {"city": "Bonn"}


@pytest.mark.parametrize("is_new", [True, False])
def test_parallel_runs_in_threads_lose_nothing(store, is_new):
    if not is_new:
        agent(store).run("first=0", session_id="s")

    with ThreadPoolExecutor(PARALLEL) as pool:
        runs = [pool.submit(agent(store).run, f"key{n}={n}", session_id="s") for n in range(PARALLEL)]
    [run.result() for run in runs]

    check_nothing_is_lost(store, PARALLEL + (not is_new))


@pytest.mark.parametrize("is_new", [True, False])
def test_parallel_runs_in_an_event_loop_lose_nothing(store, either, is_new):
    async def talk():
        if not is_new:
            await agent(either).arun("first=0", session_id="s")
        await asyncio.gather(*(agent(either).arun(f"key{n}={n}", session_id="s") for n in range(PARALLEL)))

    asyncio.run(talk())

    check_nothing_is_lost(store, PARALLEL + (not is_new))


def check_nothing_is_lost(store, count):
    row, stored = store.get_session("s", deserialize=False), Session.objects.get(session_id="s")
    rows, total = store.get_runs(session_id="s", deserialize=False)
    tokens = count * 2 * TOKENS_A_CALL
    metrics = row["session_data"]["session_metrics"]
    assert (stored.run_count, total, stored.total_tokens, metrics["total_tokens"]) == (count, count, tokens, tokens)
    assert [each["total_tokens"] for each in metrics["details"]["model"]] == [tokens]
    keys = {f"key{n}" for n in range(PARALLEL)} | ({"first"} if count > PARALLEL else set())
    assert set(row["session_data"]["session_state"]) == keys
    assert [each["run_index"] for each in rows] == list(range(count))
    assert [run["run_id"] for run in row["runs"]] == [each["run_id"] for each in rows]


def test_a_run_in_the_background_keeps_its_place(store):
    async def talk():
        run = await agent(store).arun("city=Bonn", session_id="s", background=True)
        for _ in range(200):
            await asyncio.sleep(0.02)
            done = store.get_run(run.run_id)
            if done is not None and done.status.value == "COMPLETED":
                return done
        raise AssertionError("the run never ended")

    done = asyncio.run(talk())

    [row], _ = store.get_runs(session_id="s", deserialize=False)
    assert (row["run_index"], row["status"], done.content) == (0, "COMPLETED", "Said 1 times")


def test_a_team_keeps_its_members_runs(store):
    def leads(messages):
        if messages[-1].role == "user":
            return call_tool("delegate_task_to_member", member_id="clerk", task="city=Bonn")
        return "The clerk knows."

    team = Team(
        id="office",
        name="Office",
        members=[agent(None)],
        model=Scripted(script=leads),
        db=store,
        store_member_responses=True,
        telemetry=False,
    )
    answer = team.run("Where does she live?", session_id="t")

    session = store.get_session("t")
    assert isinstance(session, TeamSession)
    assert (answer.content, session.team_id, len(session.runs)) == ("The clerk knows.", "office", 2)
    parent = next(run for run in session.runs if run.parent_run_id is None)
    assert [member.content for member in parent.member_responses] == ["Said 1 times"]
    assert {run.to_dict()["run_id"] for run in session.runs} == {parent.run_id, parent.member_responses[0].run_id}


def test_a_workflow_keeps_its_steps(store):
    workflow = Workflow(id="flow", name="Flow", steps=[Step(name="ask", agent=agent(None))], db=store, telemetry=False)
    workflow.run("Hello", session_id="w")
    workflow.run("Hello again", session_id="w")

    session = store.get_session("w")
    assert isinstance(session, WorkflowSession)
    assert [run.input for run in session.runs] == ["Hello", "Hello again"]
    assert [step.step_name for step in session.runs[0].step_results] == ["ask"]
    assert session.runs[1].step_results[0].content == "Said 1 times"


def test_sessions_are_named_found_and_deleted_through_an_agent(store):
    clerk = agent(store)
    clerk.run("Hello", session_id="s", user_id="u")

    clerk.set_session_name("s", session_name="Greeting")
    clerk.update_session_state({"mood": "good"}, session_id="s")

    session = clerk.get_session("s")
    assert isinstance(session, AgentSession)
    assert session.session_data["session_name"] == "Greeting"
    assert session.session_data["session_state"] == {"mood": "good"}
    assert [message.content for message in clerk.get_chat_history("s")] == ["Hello", "Said 1 times"]
    clerk.delete_session("s")
    assert store.get_session("s") is None
