from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.exceptions import InvalidValue, MessageNotFound, Redacted, RunNotFound
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage
from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "My pin is four-seven-one-one"
USAGE = {"input_tokens": 5, "output_tokens": 7}


@pytest.fixture
def session(project):
    return services.create_session(project=project, session_id="s", state={"last": SECRET}, summary="Of a pin")


def add_run(session, run_id, *messages, **fields):
    return factories.RunFactory(session=session, run_id=run_id, messages=list(messages), **fields)


def user(text, **more):
    return {"role": "user", "content": text, **more}


def said(session):
    return [message.text for message in session.messages.in_order()]


def reloaded(row):
    return type(row).objects.get(pk=row.pk)


def test_hiding_keeps_the_original_and_says_where_words_are_left(session):
    run = add_run(session, "r", user(SECRET, metrics=USAGE), input=SECRET, content="Fine")
    message = run.messages.get()
    left = services.redact_message(message=message)
    assert left == ["state"]
    assert message.is_redacted
    assert message.payload == {"role": "user", "content": "[hidden]", "metrics": USAGE}
    assert message.original == user(SECRET, metrics=USAGE)
    run = reloaded(run)
    assert (run.input, run.content, run.original, run.is_redacted) == ("[hidden]", "Fine", {"input": SECRET}, False)
    session.refresh_from_db()
    assert (session.generated_title, session.opening, session.total_tokens) == ("[hidden]", "[hidden]", 12)
    assert session.state == {"last": SECRET}


@pytest.mark.parametrize("column", ["text", "name", "tool_call_id"])
def test_no_column_of_a_hidden_message_holds_words_that_its_payload_lost(session, column):
    odd = {"role": "tool", "content": SECRET, "name": {"of": SECRET}, "tool_call_id": {"of": SECRET}}
    message = add_run(session, "r", odd, odd | {"role": "user"}).messages.in_order()[0]
    before = getattr(message, column)
    services.redact_message(message=message)
    assert SECRET not in getattr(reloaded(message), column)
    services.restore_message(message=message)
    assert getattr(reloaded(message), column) == before


@pytest.mark.parametrize("format", ["openai.chat", "openai.responses"])
@pytest.mark.parametrize(("moment", "is_kept"), [(1767225600, True), ("2026-01-01T00:00:00Z", True), (SECRET, False)])
def test_a_time_that_is_none_is_hidden_too(session, format, moment, is_kept):
    [message] = services.append_messages(
        session=session, messages=[NewMessage(user("Hello", created_at=moment), format)]
    )
    services.redact_message(message=session.messages.at(message.position))
    assert ("created_at" in session.messages.at(message.position).payload) is is_kept


def test_hiding_twice_is_hiding_once(session):
    message = add_run(session, "r", user(SECRET), input=SECRET).messages.get()
    services.redact_message(message=message)
    before = (Message.objects.values().get(), RunMetadata.objects.values().get(), Session.objects.values().get())
    assert services.redact_message(message=message) == ["state"]
    services.redact_run(run=message.run)
    run = Message.objects.get().run
    services.redact_run(run=run)
    services.restore_run(run=run)
    after = (Message.objects.values().get(), RunMetadata.objects.values().get(), Session.objects.values().get())
    for row in (before[2], after[2]):
        del row["revision"], row["updated_at"]
    assert before == after


def test_copies_in_later_runs_are_hidden_even_when_short(session):
    first = add_run(session, "r-1", user("4711"), input="4711").messages.get()
    add_run(session, "r-2", user("4711", from_history=True), user("4711 again"), details={"in": ["4711", "04711"]})
    services.redact_message(message=first)
    assert said(session) == ["[hidden]", "[hidden]", "4711 again"]
    assert session.runs.get(run_id="r-2").details == {"in": ["[hidden]", "04711"]}
    services.restore_message(message=first)
    assert said(session) == ["4711", "4711", "4711 again"]


def test_what_two_hid_stays_hidden_until_both_are_restored(session):
    text = "The code of the door is 1234"
    first = add_run(session, "r-1", user(SECRET)).messages.get()
    second = add_run(session, "r-2", user(text)).messages.get()
    run = add_run(session, "r-3", input=f"{SECRET} / {text}")
    services.redact_message(message=first)
    services.redact_message(message=second)
    assert reloaded(run).input == "[hidden] / [hidden]"
    services.restore_message(message=first)
    assert reloaded(run).input == f"{SECRET} / [hidden]"
    services.restore_message(message=second)
    assert (reloaded(run).input, reloaded(run).original) == (f"{SECRET} / {text}", None)


def test_a_hidden_run_hides_its_own_turn_and_no_other(session):
    system, earlier = {"role": "system", "content": "You are a kind assistant."}, "What is the weather like?"
    add_run(session, "r-1", system, user(earlier), input=earlier)
    run = add_run(
        session, "r-2", system, user(earlier, from_history=True), user(SECRET), input=SECRET, content={"a": 1}, turns=2
    )
    services.redact_run(run=run)
    assert said(session) == ["You are a kind assistant.", earlier, "[hidden]", "[hidden]", "[hidden]"]
    assert (run.input, run.content, run.details, run.error, run.turns) == ("[hidden]", "[hidden]", None, None, 2)
    assert run.original == {"input": SECRET, "content": {"a": 1}}


def test_a_message_hidden_before_its_run_stays_hidden_after_it(session):
    run = add_run(session, "r", user(SECRET), user("Something else entirely"))
    first, second = run.messages.in_order()
    services.redact_message(message=first)
    services.redact_run(run=run)
    with pytest.raises(Redacted):
        services.restore_message(message=second)
    services.restore_run(run=run)
    assert said(session) == ["[hidden]", "Something else entirely"]


def test_a_run_that_goes_on_stays_hidden(session):
    run = add_run(session, "r", user(SECRET), status="RUNNING", input=SECRET)
    services.redact_run(run=run)
    services.update_run(run=run, status="COMPLETED", content=SECRET, messages=[NewMessage(user("More of it"))])
    assert (run.status, run.content, run.is_redacted) == ("COMPLETED", "[hidden]", True)
    services.append_messages(session=session, messages=[NewMessage(user("And more"), run=run)])
    assert said(session) == ["[hidden]"] * 3
    services.restore_run(run=run)
    assert (run.input, run.content, run.original) == (SECRET, SECRET, None)
    assert said(session) == [SECRET, "More of it", "And more"]


def test_a_hidden_run_that_had_no_words_yet_stays_hidden(session):
    run = factories.RunFactory(session=session, status="RUNNING")
    services.redact_run(run=run)
    services.update_run(run=run, content="secret", status="COMPLETED")
    run.refresh_from_db()
    assert (run.content, run.status) == ("[hidden]", "COMPLETED")
    services.restore_run(run=run)
    assert run.content == "secret"


def test_a_run_that_repeats_hidden_words_goes_on_without_them(session):
    message = add_run(session, "r-1", user(SECRET)).messages.get()
    run = add_run(session, "r-2", input=SECRET, status="RUNNING")
    services.redact_message(message=message)
    services.update_run(run=run, status="COMPLETED", input=f"Again: {SECRET}")
    assert (run.status, run.input, run.original) == ("COMPLETED", "Again: [hidden]", {"input": f"Again: {SECRET}"})


def test_hidden_messages_are_not_changed(session):
    message = add_run(session, "r", user(SECRET)).messages.get()
    services.redact_message(message=message)
    with pytest.raises(Redacted):
        services.update_message(message=message, payload=user("x"))
    assert said(session) == ["[hidden]"]


def test_deleted_words_do_not_come_back(session):
    text = "The code of the door is 1234"
    first = add_run(session, "r-1", user(SECRET)).messages.get()
    second = add_run(session, "r-2", user(text)).messages.get()
    run = add_run(session, "r-3", input=f"{SECRET} / {text}", content=SECRET)
    services.redact_message(message=first)
    services.redact_message(message=second)
    services.delete_message(message=first)
    services.restore_message(message=second)
    assert (reloaded(run).input, reloaded(run).content) == (f"[hidden] / {text}", "[hidden]")
    services.redact_run(run=second.run)
    services.delete_run(run=second.run)
    assert reloaded(run).input == "[hidden] / [hidden]"
    assert SECRET not in str(reloaded(run).original)


def test_a_branch_has_what_was_hidden_and_can_restore_it(session):
    run = add_run(session, "r", user(SECRET), input=SECRET)
    services.redact_message(message=run.messages.get())
    branch = services.branch_session(session=session, position=0)
    assert (said(branch), branch.generated_title) == (["[hidden]"], "[hidden]")
    services.restore_message(message=branch.messages.get())
    assert (said(branch), branch.runs.get().input) == ([SECRET], SECRET)
    assert said(session) == ["[hidden]"]


def test_a_shorter_branch_keeps_nothing_of_what_was_hidden_behind_it(session):
    add_run(session, "r-1", user(f"About this: {SECRET}"))
    later = add_run(session, "r-2", user(SECRET))
    services.redact_message(message=later.messages.get())
    branch = services.branch_session(session=session, position=0)
    services.restore_message(message=later.messages.get())
    message = branch.messages.get()
    services.redact_message(message=message)
    services.restore_message(message=message)
    assert said(branch) == ["About this: [hidden]"]
    assert said(session) == [f"About this: {SECRET}", SECRET]


class Bare:
    """A site's own format from before messages could be hidden."""

    name = "bare"

    def check(self, payload):
        """Takes anything."""

    def read(self, payload):
        from sessions_app.formats import CanonicalMessage

        return CanonicalMessage(role="user", parts=[{"type": "text", "content": str(payload)}])


def test_a_format_that_cannot_hide_says_so_and_hides_nothing(session, settings):
    settings.AGENT_SESSIONS = {"MESSAGE_FORMATS": {"bare": f"{__name__}.Bare"}}
    [message] = services.append_messages(session=session, messages=[NewMessage({"x": SECRET}, "bare")])
    message = session.messages.get()
    with pytest.raises(InvalidValue, match="bare"):
        services.redact_message(message=message)
    assert not reloaded(message).is_redacted


def test_what_has_gone_is_not_found(session):
    run = add_run(session, "r", user("x"))
    message = run.messages.get()
    services.delete_run(run=reloaded(run))
    for service in (services.redact_message, services.restore_message):
        with pytest.raises(MessageNotFound):
            service(message=message)
    for service in (services.redact_run, services.restore_run):
        with pytest.raises(RunNotFound):
            service(run=run)


def test_a_long_session_is_hidden_in_few_statements(session, django_assert_max_num_queries):
    rows = [NewMessage(user(f"Number {n}")) for n in range(1200)]
    services.append_messages(session=session, messages=rows)
    with django_assert_max_num_queries(40):
        services.redact_message(message=session.messages.get(position=7))
    assert session.messages.filter(original__isnull=False).count() == 1
