"""What a session counts of its rows: true after every kind of write, whichever way it was computed."""

from __future__ import annotations

import random

import pytest
from django.db import transaction
from django.db.models import Sum

from sessions_app import services
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.services import NewMessage, rollups
from tests import factories
from tests.services.counts import ROLLUPS, kept, recounted
from tests.services.samples import user


class Chaos:
    """Random writes to one session."""

    def __init__(self, session, seed):
        self.session, self.random, self.run_ids = session, random.Random(seed), 0

    def step(self):
        writes = [self.append, self.record, self.append_to_run, self.update_run]
        writes += [self.update_message, self.delete_message, self.delete_run]
        self.random.choices(writes, weights=[4, 4, 2, 3, 2, 1, 1])[0]()

    def message(self, run=None):
        payload = {
            "role": self.random.choice(["user", "assistant", "tool"]),
            "content": self.random.choice([None, "", "hello", "a\n b", "ü" * 100, [{"type": "text", "text": "part"}]]),
            "metrics": {"input_tokens": self.random.randrange(100), "output_tokens": self.random.randrange(10)},
            "from_history": self.random.random() < 0.2,
        }
        return NewMessage(payload, run=run)

    def messages(self, run=None):
        return [self.message(run) for _ in range(self.random.randrange(3))]

    def fields(self):
        fields = {
            "status": self.random.choice(RunMetadata.Status.values),
            "input": self.random.choice([None, "", "input", {"ä": [1, "x"]}, 0]),
            "parent_run_id": self.random.choice([None, None, "", "parent"]),
            "usage": self.random.choice([None, {"input_tokens": 5, "audio_input_tokens": 3}, {"total_tokens": 9}]),
            "is_error": self.random.random() < 0.5,
        }
        return {name: value for name, value in fields.items() if self.random.random() < 0.6}

    def any_run(self):
        return self.session.runs.order_by("?").first()

    def append(self):
        services.append_messages(session=self.session, messages=self.messages())

    def record(self):
        self.run_ids += 1
        services.record_run(session=self.session, run_id=str(self.run_ids), messages=self.messages(), **self.fields())

    def append_to_run(self):
        if run := self.any_run():
            services.append_messages(session=self.session, messages=[*self.messages(run), *self.messages()])

    def update_run(self):
        if run := self.any_run():
            services.update_run(run=run, messages=self.messages(), **self.fields())

    def update_message(self):
        if message := self.session.messages.order_by("?").first():
            services.update_message(message=message, payload=self.message().payload)

    def delete_message(self):
        if message := self.session.messages.order_by("?").first():
            services.delete_message(message=message)

    def delete_run(self):
        if run := self.any_run():
            services.delete_run(run=run)


@pytest.mark.parametrize("type", Session.Type.values)
@pytest.mark.parametrize("seed", range(8))
def test_each_write_leaves_what_counting_anew_would(project, type, seed):
    session = factories.SessionFactory(project=project, type=type)
    chaos = Chaos(session, seed)
    for _ in range(30):
        chaos.step()
        assert kept(session) == recounted(session)
    usage = {name: session.runs.aggregate(n=Sum(name))["n"] or 0 for name in TOKEN_FIELDS}
    outside = session.messages.filter(run=None)
    for name in ("input_tokens", "output_tokens", "total_tokens"):
        usage[name] += outside.aggregate(n=Sum(name))["n"] or 0
    session.refresh_from_db()
    assert session.usage == usage
    assert session.message_count == session.messages.count()
    assert session.run_count == session.runs.count()
    assert session.error_count == session.runs.filter(is_error=True).count()


def test_recount_mends_what_somebody_broke(project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "hello"}])
    run = factories.RunFactory(session=session, usage={"input_tokens": 3}, status="ERROR")
    right = kept(session)
    broken = dict.fromkeys(ROLLUPS, 77) | dict.fromkeys(("generated_title", "opening"), "wrong")
    broken |= {"last_run_status": "wrong", "last_finished_run_id": None}
    Session.objects.filter(pk=session.pk).update(**broken)
    rollups.recount(session)
    assert kept(session) == right
    assert right["last_finished_run_id"] == run.pk
    assert (right["last_run_status"], right["error_count"], right["input_tokens"]) == ("ERROR", 1, 3)


def test_lock_raises_for_a_session_that_is_gone(project):
    session = factories.SessionFactory(project=project)
    run = factories.RunFactory(session=session, messages=[{"role": "user", "content": "hello"}])
    run, message = RunMetadata.objects.get(pk=run.pk), session.messages.get()
    Session.objects.filter(pk=session.pk).delete()
    with transaction.atomic(), pytest.raises(SessionNotFound):
        rollups.lock(session)
    with pytest.raises(SessionNotFound):
        services.update_run(run=run, status="ERROR")
    with pytest.raises(SessionNotFound):
        services.delete_message(message=message)


def test_every_write_is_a_new_revision_and_time(project):
    session = factories.SessionFactory(project=project)
    before = session.updated_at
    services.append_messages(session=session, messages=[user("hello")])
    session.refresh_from_db()
    assert session.revision == 1
    assert session.updated_at > before
    assert session.created_at <= before


class TestLastRun:
    def test_it_is_the_newest_and_the_newest_finished(self, project):
        session = factories.SessionFactory(project=project)
        done = factories.RunFactory(session=session, status="COMPLETED")
        running = factories.RunFactory(session=session, status="RUNNING")
        assert (session.last_run_status, session.last_finished_run) == ("RUNNING", done)
        services.update_run(run=running, status="ERROR", error="no")
        session.refresh_from_db()
        assert (session.last_run_status, session.last_finished_run, session.error_count) == ("ERROR", running, 1)
        services.update_run(run=done, status="CANCELLED")
        session.refresh_from_db()
        assert (session.last_run_status, session.last_finished_run) == ("ERROR", running)
        services.update_run(run=running, status="COMPLETED")
        session.refresh_from_db()
        assert (session.last_run_status, session.error_count) == ("COMPLETED", 0)
        services.delete_run(run=running)
        session.refresh_from_db()
        assert (session.last_run_status, session.last_finished_run) == ("CANCELLED", done)
        services.update_run(run=done, status="PENDING")
        session.refresh_from_db()
        assert (session.last_run_status, session.last_finished_run) == ("PENDING", None)
        services.delete_run(run=done)
        session.refresh_from_db()
        assert (session.last_run_status, session.last_finished_run, session.run_count) == ("", None, 0)
