"""What people have hidden, no span brings back."""

from __future__ import annotations

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.telemetry.store import store_spans
from tests.telemetry.traces import said, span, text, trace_id

SECRET = text("user", "My number is 4711")
AGENT = span(1, "invoke_agent", seconds=9, gen_ai={"conversation.id": "c-7"})
FIRST = span(2, parent=1, start=1, gen_ai=said([SECRET], [text("assistant", "Thanks")]))
THEN = span(
    3,
    parent=1,
    start=3,
    gen_ai=said([SECRET, text("assistant", "Thanks"), text("user", "And?")], [text("assistant", "No")]),
)


def hide_message():
    services.redact_message(message=Message.objects.get(text__contains="4711"))
    assert "4711" not in everything()


def everything():
    rows = [
        RunMetadata.objects.values("input", "content", "error", "details"),
        Message.objects.values("payload", "text"),
    ]
    return repr([list(each) for each in (*rows, Session.objects.values("opening", "generated_title"))])


def test_spans_sent_again_bring_nothing_back(project):
    store_spans(project=project, spans=[AGENT, FIRST])
    hide_message()
    store_spans(project=project, spans=[AGENT, FIRST])
    assert "4711" not in everything()


def test_new_spans_of_the_run_go_behind_a_hidden_message(project):
    store_spans(project=project, spans=[AGENT, FIRST])
    hide_message()
    store_spans(project=project, spans=[THEN])
    assert [message.text for message in Message.objects.order_by("position")] == ["[hidden]", "Thanks", "And?", "No"]
    assert RunMetadata.objects.get().turns == 2
    assert "4711" not in everything()


def test_what_comes_to_a_hidden_run_is_hidden_until_it_is_restored(project):
    store_spans(project=project, spans=[AGENT, FIRST])
    services.redact_run(run=RunMetadata.objects.get())
    store_spans(project=project, spans=[THEN])
    run = RunMetadata.objects.get()
    assert (run.turns, run.messages.count()) == (2, 4)
    assert "4711" not in everything()
    assert {message.text for message in run.messages.all()} == {"[hidden]"}
    services.restore_run(run=run)
    assert [message.text for message in run.messages.in_order()] == ["My number is 4711", "Thanks", "And?", "No"]
    run.refresh_from_db()
    assert (run.input, run.content) == ("My number is 4711", "No")


def test_a_hidden_run_is_not_given_up_for_another(project):
    store_spans(project=project, spans=[FIRST])
    hide_message()
    store_spans(project=project, spans=[AGENT])
    assert "4711" not in everything()
    assert RunMetadata.objects.get().run_id == trace_id(1)


def test_messages_are_not_put_into_another_order_from_a_hidden_one_on(project):
    store_spans(project=project, spans=[AGENT, THEN])
    services.redact_message(message=Message.objects.get(text="And?"))
    store_spans(project=project, spans=[FIRST])
    texts = [message.text for message in Message.objects.order_by("position")]
    assert sorted(texts) == ["My number is 4711", "No", "Thanks", "[hidden]"]


def test_a_late_trace_does_not_bring_back_what_was_hidden_where_it_was_repeated(project):
    later = [
        span(1, "invoke_agent", trace=2, start=20, seconds=9, gen_ai={"conversation.id": "c-7"}),
        span(2, trace=2, parent=1, start=21, gen_ai=said([SECRET, text("user", "And?")], [text("assistant", "No")])),
    ]
    store_spans(project=project, spans=later)
    hide_message()
    store_spans(project=project, spans=[AGENT, FIRST])
    assert RunMetadata.objects.count() == 2
    assert "4711" not in everything()
