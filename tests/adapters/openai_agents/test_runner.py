"""Agents of the SDK with tools, on our tables, with a model that reads its answers from a script."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from sessions_app.models import RunMetadata, Session
from tests.adapters.openai_agents import sdk
from tests.adapters.openai_agents.sdk import (
    Agent,
    DjangoSession,
    ModelStep,
    RunConfig,
    Runner,
    ScriptedModel,
    SessionSettings,
    Usage,
    assistant_message,
    function_call,
    said,
    wait_for,
)

pytestmark = pytest.mark.django_db(transaction=True)

COST = Usage(requests=1, input_tokens=100, output_tokens=20, total_tokens=120)
COST.input_tokens_details.cached_tokens = 40
COST.output_tokens_details.reasoning_tokens = 8


@sdk.function_tool
def add(a: int, b: int) -> int:
    return a + b


def thought(item_id):
    return sdk.ResponseReasoningItem(id=item_id, type="reasoning", summary=[{"type": "summary_text", "text": "Hm."}])


def turn(number):
    """What the model gives in a turn with a tool: reasoning and a call, then the answer."""
    call = function_call("add", {"a": number, "b": 1}, call_id=f"call-{number}")
    return [[thought(f"rs-{number}"), call], [assistant_message(f"It is {number + 1}.")]]


def calculator(*steps):
    return Agent(name="Calculator", tools=[add], model=ScriptedModel(steps, default_usage=COST))


def run(agent, words, session, **options):
    return wait_for(Runner.run(agent, words, session=session, **options))


def run_streamed(agent, words, session, **options):
    async def consume():
        result = Runner.run_streamed(agent, words, session=session, **options)
        async for _ in result.stream_events():
            pass
        return result

    return wait_for(consume())


def run_sync(agent, words, session, **options):
    with sdk.loop_of_this_thread():
        return Runner.run_sync(agent, words, session=session, **options)


@pytest.fixture(params=[run, run_streamed, run_sync], ids=lambda way: way.__name__)
def way(request):
    return request.param


TURN = ["user", "reasoning", "function_call", "function_call_output", "assistant"]


def kinds(items):
    return [item.get("role", item.get("type")) for item in items]


def test_an_agent_remembers_its_earlier_turns(way):
    agent, session = calculator(*turn(1), *turn(2)), DjangoSession("s")

    assert way(agent, "What is 1 + 1?", session).final_output == "It is 2."
    assert way(agent, "And 2 + 1?", session).final_output == "It is 3."

    agent.model.assert_complete()
    items = wait_for(session.get_items())
    assert kinds(items) == TURN * 2
    assert agent.model.calls[2].input == [*items[:5], {"role": "user", "content": "And 2 + 1?"}]
    assert [item["id"] for item in items if item.get("type") == "reasoning"] == ["rs-1", "rs-2"]
    assert [item["output"] for item in items if "output" in item] == ["2", "3"]


def test_it_keeps_what_the_sdk_keeps(way):
    ours, theirs = DjangoSession("s"), sdk.SQLiteSession("s")
    for session in (ours, theirs):
        way(calculator(*turn(1)), "What is 1 + 1?", session)

    assert wait_for(ours.get_items()) == wait_for(theirs.get_items())
    theirs.close()


def test_each_run_has_its_cost_and_its_messages(way):
    agent, session = calculator(*turn(1), *turn(2)), DjangoSession("s", agent_id="calculator")
    way(agent, "What is 1 + 1?", session)
    way(agent, "And 2 + 1?", session)

    first, second = RunMetadata.objects.in_order()
    assert (first.status, first.content, second.content) == ("COMPLETED", "It is 2.", "It is 3.")
    assert kinds([message.payload for message in first.messages.in_order()]) == TURN
    assert (first.turns, first.input_tokens, first.output_tokens, first.total_tokens) == (2, 200, 40, 240)
    assert (first.cache_read_tokens, first.reasoning_tokens, first.agent.agent_id) == (80, 16, "calculator")
    assert first.duration_ms > 0
    stored = Session.objects.get()
    assert (stored.run_count, stored.total_tokens, stored.message_count) == (2, 480, 10)
    assert (stored.title, stored.last_finished_run) == ("What is 1 + 1?", second)


def test_hooks_tell_the_model(way):
    session = DjangoSession("s")
    agent = calculator(*turn(1))
    agent.model.model = "gpt-4o"
    way(agent, "What is 1 + 1?", session, hooks=session.hooks)
    way(calculator(*turn(2)), "And 2 + 1?", session, hooks=session.hooks)

    assert list(RunMetadata.objects.in_order().values_list("model_id", flat=True)) == ["gpt-4o", ""]


@pytest.mark.parametrize(
    ("given", "provider", "model_id"),
    [
        ("gpt-4o", "openai", "gpt-4o"),
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("litellm/anthropic/claude-sonnet-4", "anthropic", "claude-sonnet-4"),
        (SimpleNamespace(model="gemini/gemini-2.5-pro"), "gemini", "gemini-2.5-pro"),
        (SimpleNamespace(model="llama-local"), "", "llama-local"),
        (None, "openai", sdk.get_default_model()),
    ],
)
def test_models_by_their_names(given, provider, model_id):
    assert sdk.model_of(given) == sdk.store.Model(provider, model_id)


@pytest.mark.parametrize("given", ["", SimpleNamespace(), SimpleNamespace(model=5)])
def test_a_model_without_a_name(given):
    assert sdk.model_of(given) is None


def test_a_list_of_messages_begins_one_run(way):
    session = DjangoSession("s")
    way(calculator(*turn(1)), said("Hello", "Hi", "What is 1 + 1?"), session)

    assert kinds(wait_for(session.get_items())) == ["user", "assistant", *TURN]
    assert RunMetadata.objects.get().messages.count() == 7


@pytest.mark.parametrize(
    ("limit", "given"), [(2, ["c", "d", "now"]), (0, ["now"]), (None, ["a", "b", "c", "d", "now"])]
)
def test_a_run_takes_a_limited_history(way, limit, given):
    session = DjangoSession("s")
    wait_for(session.add_items(said(*"abcd")))
    agent = calculator([assistant_message("then")])
    config = RunConfig(session_settings=SessionSettings(limit=limit))

    way(agent, "now", session, run_config=config)

    assert [item["content"] for item in agent.model.calls[0].input] == given
    assert len(wait_for(session.get_items())) == 6


def test_a_callback_chooses_the_history(way):
    session = DjangoSession("s")
    wait_for(session.add_items(said(*"abcd")))
    agent = calculator([assistant_message("then")])
    config = RunConfig(session_input_callback=lambda history, new: [history[0], *new])

    way(agent, said("now"), session, run_config=config)

    assert agent.model.calls[0].input == said("a", "-", "now")[::2]
    assert [item["content"] for item in wait_for(session.get_items())[:5]] == ["a", "b", "c", "d", "now"]


def test_a_run_that_fails_keeps_what_was_said(way):
    session = DjangoSession("s")
    with pytest.raises(RuntimeError, match="out of order"):
        way(calculator(ModelStep.raise_error(RuntimeError("out of order"))), "Hello?", session)

    assert wait_for(session.get_items()) == said("Hello?")
    assert RunMetadata.objects.get().status == "RUNNING"
    way(calculator([assistant_message("Hi")]), "Hello again?", session)
    assert [(run.status, run.messages.count()) for run in RunMetadata.objects.in_order()] == [
        ("RUNNING", 1),
        ("COMPLETED", 2),
    ]


def test_a_run_goes_on_where_it_was_interrupted():
    @sdk.function_tool(needs_approval=True)
    def pay(amount: int) -> str:
        return f"paid {amount}"

    steps = [[function_call("pay", {"amount": 5}, call_id="c")], [assistant_message("Done.")]]
    agent = Agent(name="Cashier", tools=[pay], model=ScriptedModel(steps, default_usage=COST))
    result = run(agent, "Pay 5", DjangoSession("s"))
    state = result.to_state()
    state.approve(result.interruptions[0])

    assert run(agent, state, DjangoSession("s")).final_output == "Done."

    assert kinds(wait_for(DjangoSession("s").get_items())) == [
        "user",
        "function_call",
        "function_call_output",
        "assistant",
    ]
    stored = RunMetadata.objects.get()
    assert (stored.messages.count(), stored.turns, stored.total_tokens, stored.content) == (4, 2, 240, "Done.")


def test_runs_at_once_on_one_session_keep_their_own_cost_and_messages():
    session = DjangoSession("s")

    async def all_at_once():
        runs = [Runner.run(calculator(*turn(number)), f"{number} + 1?", session=session) for number in range(4)]
        return await asyncio.gather(*runs)

    answers = {result.final_output for result in wait_for(all_at_once())}

    assert answers == {f"It is {number + 1}." for number in range(4)}
    for stored in RunMetadata.objects.all():
        rows = list(stored.messages.in_order())
        number = int(rows[0].text[0])
        assert kinds([row.payload for row in rows]) == TURN
        assert (stored.content, stored.total_tokens, rows[2].payload["call_id"]) == (
            f"It is {number + 1}.",
            240,
            f"call-{number}",
        )
    assert Session.objects.get().total_tokens == 4 * 240


class Compactor:
    """OpenAI's client, as far as compaction uses it: makes one item of all."""

    def __init__(self):
        self.responses = self

    async def compact(self, **kwargs):
        return SimpleNamespace(output=[{"type": "compaction", "id": "cmp", "encrypted_content": "x"}], usage=None)


def test_the_sdks_compaction_replaces_all_items_at_once(monkeypatch):
    async def fail(self):
        raise AssertionError("cleared and added in two steps")

    monkeypatch.setattr(DjangoSession, "clear_session", fail)
    session = DjangoSession("s", user_id="maria")
    compacting = sdk.OpenAIResponsesCompactionSession("s", session, client=Compactor(), compaction_mode="input")
    run(calculator(*turn(1)), "What is 1 + 1?", compacting)
    assert len(wait_for(session.get_items())) == 5

    wait_for(compacting.run_compaction({"force": True}))

    assert kinds(wait_for(session.get_items())) == ["compaction"]
    assert (Session.objects.get().message_count, Session.objects.get().user_id) == (1, "maria")
    assert run(calculator([assistant_message("Yes?")]), "Still there?", compacting).final_output == "Yes?"
    assert kinds(wait_for(session.get_items())) == ["compaction", "user", "assistant"]
