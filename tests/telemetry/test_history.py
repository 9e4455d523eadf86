from __future__ import annotations

from sessions_app.telemetry.history import digest, learned, marks_of
from tests.telemetry.traces import answer, call, text

SYSTEM, ASK, TOLD, MORE = text("system", "Be kind."), text("user", "ok"), text("assistant", "done"), text("user", "ok")


def memory_of(*calls):
    return learned(marks_of(inputs, outputs) for inputs, outputs in calls)


def test_what_a_call_before_said_is_known():
    memory = memory_of(([SYSTEM, ASK], [TOLD]))
    assert memory.news([SYSTEM, ASK, TOLD, MORE]) == [MORE]


def test_the_same_words_said_again_are_new():
    memory = memory_of(([ASK], [TOLD]))
    assert memory.news([ASK]) == [ASK]
    assert memory.news([ASK, TOLD, MORE]) == [MORE]


def test_other_words_of_the_system_are_new():
    memory = memory_of(([SYSTEM, ASK], [TOLD]))
    assert memory.news([text("system", "Be brief."), ASK, TOLD, MORE]) == [text("system", "Be brief."), MORE]


def test_a_history_may_be_cut_at_its_front():
    memory = memory_of(([ASK], [call("c-1")]), ([ASK, call("c-1"), answer("c-1", 5)], [TOLD]))
    assert memory.news([answer("c-1", 5), TOLD, MORE]) == [MORE]
    assert memory.news([TOLD, MORE]) == [MORE]


def test_a_history_may_go_on_from_any_call():
    memory = memory_of(([ASK], [TOLD]), ([text("user", "A title?")], [text("assistant", "Parcels")]))
    assert memory.news([ASK, TOLD, MORE]) == [MORE]


def test_nothing_that_is_new_to_us_is_lost():
    assert learned([]).news([SYSTEM, ASK, TOLD, MORE]) == [SYSTEM, ASK, TOLD, MORE]


def test_an_answer_that_was_not_captured_is_new_when_it_is_repeated():
    memory = memory_of(([ASK], []))
    assert memory.news([ASK, TOLD, MORE]) == [TOLD, MORE]


def test_reasoning_and_reasons_to_finish_make_no_other_message():
    thought = {**TOLD, "parts": [{"type": "reasoning", "content": "Hm"}, *TOLD["parts"]], "finish_reason": "stop"}
    assert digest(thought) == digest(TOLD) != digest(ASK)


def test_a_call_without_messages_leaves_no_marks():
    assert marks_of([], []) is None
