"""Runs that their writer sends whole, again and again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sessions_app import services
from sessions_app.exceptions import InvalidValue, RunNotFound
from sessions_app.models import Message
from sessions_app.services import NewMessage
from tests import factories

pytestmark = pytest.mark.django_db


def said(text, **more):
    return {"role": "user", "content": text, **more}


def texts(run):
    return list(run.messages.in_order().values_list("position", "text"))


def rewrite(run, *payloads, **fields):
    return services.rewrite_run(run=run, messages=[NewMessage(payload) for payload in payloads], **fields)


@pytest.fixture
def run(project):
    session = factories.SessionFactory(project=project)
    return factories.RunFactory(session=session, run_id="r", status="RUNNING", messages=[said("one"), said("two")])


def test_what_is_the_same_stays_and_what_is_new_goes_to_the_end(run):
    before = list(run.messages.in_order().values_list("pk", flat=True))
    services.append_messages(session=run.session, messages=[NewMessage(said("between"))])

    rewrite(run, said("one"), said("TWO"), said("three"), status="COMPLETED")

    assert texts(run) == [(0, "one"), (1, "TWO"), (3, "three")]
    assert list(run.messages.in_order().values_list("pk", flat=True))[:2] == before
    run.session.refresh_from_db()
    assert (run.status, run.session.message_count, run.session.last_run_status) == ("COMPLETED", 4, "COMPLETED")


def test_messages_that_are_no_longer_sent_go(run):
    rewrite(run, said("zero"))

    assert texts(run) == [(0, "zero")]
    run.session.refresh_from_db()
    assert (run.session.message_count, run.session.generated_title) == (1, "zero")


def test_costs_are_what_was_sent_last(run):
    rewrite(run, usage={"input_tokens": 5, "output_tokens": 2})
    rewrite(run, usage={"input_tokens": 7})

    run.session.refresh_from_db()
    assert (run.total_tokens, run.session.total_tokens, run.session.output_tokens) == (7, 7, 0)


def test_without_costs_those_of_the_messages_are_added_up(run):
    rewrite(run, said("x", metrics={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}))

    run.session.refresh_from_db()
    assert run.session.total_tokens == 7


def test_errors_are_counted_once(run):
    rewrite(run, status="ERROR")
    rewrite(run, status="ERROR")
    run.session.refresh_from_db()
    assert run.session.error_count == 1


@pytest.mark.parametrize("names", [("m-1", "m-2"), (None, None)], ids=["by id", "by place"])
def test_what_somebody_hid_stays_hidden(project, names):
    one, two = (
        said(text, **({"id": name} if name else {})) for text, name in zip(("secret", "open"), names, strict=True)
    )
    run = factories.RunFactory(session=factories.SessionFactory(project=project), messages=[one, two])
    hidden = {**one, "content": "[hidden]"}
    run.messages.filter(position=0).update(payload=hidden, text="[hidden]", original=one, redacted_at=timezone.now())

    rewrite(run, one, two, said("more"))

    assert [text for _, text in texts(run)] == ["[hidden]", "open", "more"]
    kept = run.messages.in_order().first()
    assert (kept.payload, kept.original, kept.is_redacted) == (hidden, one, True)


def test_a_hidden_message_is_known_by_its_id_where_it_moved(project):
    one, two = said("secret", id="m-1"), said("open", id="m-2")
    run = factories.RunFactory(session=factories.SessionFactory(project=project), messages=[one, two])
    hidden = {**one, "content": "[hidden]"}
    run.messages.filter(position=0).update(payload=hidden, text="[hidden]", original=one, redacted_at=timezone.now())

    rewrite(run, {"role": "system", "content": "new", "id": "m-0"}, one, two)

    rows = run.messages.in_order()
    assert [(row.text, row.is_redacted) for row in rows] == [("new", False), ("[hidden]", True), ("open", False)]
    assert not Message.objects.filter(text__contains="secret").exists()


def test_nothing_is_half_rewritten(run):
    with pytest.raises(InvalidValue) as caught:
        rewrite(run, said("new"), {"content": "no role"}, status="ERROR")

    assert caught.value.location == ("messages", 1, "role")
    run.refresh_from_db()
    assert (run.status, texts(run)) == ("RUNNING", [(0, "one"), (1, "two")])


def test_a_run_that_has_gone_is_not_found(run):
    other = type(run).objects.get(pk=run.pk)
    services.delete_run(run=other)
    with pytest.raises(RunNotFound):
        rewrite(run, said("x"))
