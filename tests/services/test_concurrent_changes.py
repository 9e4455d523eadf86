"""Changes, deletions and hiding at once: each takes place as a whole, and the counts stay true."""

from __future__ import annotations

import pytest

from sessions_app import exceptions, services
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import NewMessage
from tests import factories
from tests.services.samples import said
from tests.together import WRITERS, failures, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_writers_racing_a_deletion_leave_nothing_behind():
    project = factories.ProjectFactory()
    for number in range(10):
        session = factories.SessionFactory(project=project, session_id=f"doomed {number}")
        run = factories.RunFactory(session=session, run_id="first", messages=[{"role": "user", "content": "hello"}])
        doomed = Session.objects.filter(pk=session.pk)
        *writes, deleted = together(
            lambda s=session: services.append_messages(session=s, messages=[said("late")]),
            lambda s=session: services.record_run(session=s, run_id="late", messages=[said("late")]),
            lambda s=session: services.update_session(session=s, name="late"),
            lambda r=run: services.update_run(run=RunMetadata.objects.get(pk=r.pk), messages=[said("late")]),
            lambda d=doomed: services.delete_sessions(sessions=d),
        )
        assert deleted == 1
        allowed = (exceptions.SessionNotFound, exceptions.RunNotFound, RunMetadata.DoesNotExist)
        assert [error for error in failures(writes) if not isinstance(error, allowed)] == []
        assert not doomed.exists()
        assert not RunMetadata.objects.filter(session_id=session.pk).exists()
        assert not Message.objects.filter(session_id=session.pk).exists()


def test_two_deletions_of_the_same_sessions_both_end():
    project = factories.ProjectFactory()
    for _ in range(20):
        factories.SessionFactory(project=project, messages=[{"role": "user", "content": "hello"}])
    outcomes = together(
        *[lambda: services.delete_sessions(sessions=Session.objects.filter(project=project)) for _ in range(4)]
    )
    assert failures(outcomes) == []
    assert sum(outcomes) == 20
    assert not Session.objects.exists()
    assert not Message.objects.exists()


def test_updates_of_different_fields_both_stay():
    changes = [{"state": {"a": 1}}, {"metadata": {"b": 2}}, {"name": "c"}, {"summary": "d"}, {"details": {"e": [5]}}]
    session = factories.SessionFactory()
    outcomes = together(*[lambda c=c: services.update_session(session=session, **c) for c in changes])
    assert failures(outcomes) == []
    session.refresh_from_db()
    for change in changes:
        for column, value in change.items():
            assert getattr(session, column) == value
    assert session.revision == len(changes)


def test_an_update_and_an_append_both_stay():
    session = factories.SessionFactory()
    outcomes = together(
        lambda: services.update_session(session=session, state={"a": 1}),
        lambda: services.append_messages(session=session, messages=[said("hello", 3)]),
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    assert (session.state, session.message_count, session.total_tokens, session.revision) == ({"a": 1}, 1, 4, 2)


def test_one_of_eight_wins_a_revision():
    session = factories.SessionFactory()
    outcomes = together(
        *[
            lambda w=w: services.update_session(session=session, expected_revision=0, state={"winner": w})
            for w in range(WRITERS)
        ]
    )
    assert [type(error) for error in failures(outcomes)] == [exceptions.RevisionConflict] * (WRITERS - 1)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Session)]
    session.refresh_from_db()
    assert session.state == winner.state
    assert session.revision == 1


def test_a_run_updated_by_eight_keeps_every_message_and_token():
    session = factories.SessionFactory()
    run = factories.RunFactory(session=session, status="RUNNING", usage={})
    outcomes = together(
        *[
            lambda w=w: services.update_run(run=RunMetadata.objects.get(pk=run.pk), messages=[said(f"step {w}", 10)])
            for w in range(WRITERS)
        ]
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    run.refresh_from_db()
    assert sorted(message.text for message in run.messages.all()) == [f"step {w}" for w in range(WRITERS)]
    assert [message.position for message in run.messages.in_order()] == list(range(WRITERS))
    assert run.total_tokens == session.total_tokens == WRITERS * 11


def test_edits_deletions_and_appends_at_once_leave_true_counts():
    session = factories.SessionFactory(messages=[{"role": "user", "content": f"m{n}"} for n in range(6)])
    runs = [factories.RunFactory(session=session, messages=[{"role": "user", "content": "r"}]) for _ in range(3)]
    rows = list(session.messages.filter(run=None).in_order())
    outcomes = together(
        lambda: [services.delete_message(message=row) for row in rows[:3]],
        lambda: [
            services.update_message(message=row, payload={"role": "user", "content": "edited"}) for row in rows[3:]
        ],
        lambda: [services.delete_run(run=run) for run in runs[:2]],
        lambda: [services.append_messages(session=session, messages=[said(f"n{n}", 5)]) for n in range(5)],
        lambda: services.update_run(run=runs[2], status="ERROR", usage={"input_tokens": 50}),
    )
    assert failures(outcomes) == []
    session.refresh_from_db()
    assert session.message_count == session.messages.count() == 3 + 5 + 1
    assert (session.run_count, session.error_count, session.last_run_status) == (1, 1, "ERROR")
    assert session.total_tokens == 5 * 6 + 50
    assert session.generated_title == "edited"


def test_whatever_comes_to_a_run_while_it_is_hidden_is_hidden(project):
    session = factories.SessionFactory(project=project)
    run = factories.RunFactory(session=session, run_id="r", messages=[said("first").payload], status="RUNNING")

    def append(number):
        return lambda: services.append_messages(
            session=Session.objects.get(pk=session.pk),
            messages=[NewMessage(said(f"secret {number}").payload, run=RunMetadata.objects.get(pk=run.pk))],
        )

    def finish():
        return services.update_run(run=RunMetadata.objects.get(pk=run.pk), content="secret", status="COMPLETED")

    def hide():
        return services.redact_run(run=RunMetadata.objects.get(pk=run.pk))

    outcomes = together(hide, finish, hide, *(append(number) for number in range(5)))
    assert failures(outcomes) == []
    run.refresh_from_db()
    assert (run.content, run.status, run.is_redacted) == ("[hidden]", "COMPLETED", True)
    assert {message.text for message in session.messages.all()} == {"[hidden]"}
    services.restore_run(run=run)
    assert run.content == "secret"
    texts = {message.text for message in session.messages.all()}
    assert texts == {"first", *(f"secret {number}" for number in range(5))}
    assert Session.objects.get().message_count == 6
