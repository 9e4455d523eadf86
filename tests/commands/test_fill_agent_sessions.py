from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app import documents
from sessions_app.demo import filling
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.services import rollups
from tests import factories
from tests.values import without_moments

UNCOUNTED = {"revision", "updated_at"}


def fill(*options, sessions=40, **numbers):
    given = {"sessions": sessions, "agents": 5, "users": 7, **numbers}
    call_command("fill_agent_sessions", *options, no_progress=True, **given)


def everything():
    return [without_moments(documents.document_of(session)) for session in Session.objects.order_by("pk")]


def columns_of(session):
    columns = [field.attname for field in Session._meta.concrete_fields if field.attname not in UNCOUNTED]
    return Session.objects.filter(pk=session.pk).values(*columns).get()


@pytest.mark.parametrize(("runs", "messages"), [(1, 1), (1, 3), (2, 2), (3, 6)])
def test_its_rollups_are_those_that_recounting_gives(project, runs, messages):
    fill(sessions=30, runs_per_session=runs, messages_per_run=messages)

    for session in Session.objects.all():
        before = columns_of(session)
        rollups.recount(rollups.lock(session))
        assert columns_of(session) == before
        assert (session.message_seq, session.run_seq) == (runs * messages, runs)


def test_it_makes_what_it_is_asked_for(project, capsys):
    fill(sessions=60, runs_per_session=2, messages_per_run=5, days=10)

    assert capsys.readouterr().out == "60 sessions written, 0 already there.\n"
    assert (Session.objects.count(), RunMetadata.objects.count(), Message.objects.count()) == (60, 120, 600)
    ages = [timezone.now() - moment for moment in Session.objects.values_list("created_at", flat=True)]
    assert timedelta(0) < min(ages) < timedelta(days=1) < timedelta(days=9) < max(ages) < timedelta(days=10, minutes=1)
    assert project.agents.count() == 5
    assert 2 < Session.objects.values("user_id").distinct().count() <= 7
    for run in RunMetadata.objects.all():
        assert list(run.messages.in_order().values_list("role", flat=True)) == [
            *("system", "user", "assistant", "tool", "assistant")
        ]


def test_its_sessions_differ(project):
    fill(sessions=400, agents=20)

    runs = RunMetadata.objects.all()
    assert set(runs.values_list("status", flat=True)) >= {"COMPLETED", "ERROR", "CANCELLED"}
    assert runs.values("model_id").distinct().count() > 4
    assert runs.values("total_tokens").distinct().count() > 200
    assert runs.values("duration_ms").distinct().count() > 200
    assert set(Session.objects.values_list("type", flat=True)) >= {"agent", "team"}
    assert Session.objects.exclude(tags=None).exists()
    assert all(run.error and run.session.error_count == 1 for run in runs.filter(is_error=True))


def test_a_seed_makes_the_same_sessions_whatever_the_portions(project, monkeypatch):
    fill(seed=7)
    first = everything()
    Session.objects.all().delete()
    monkeypatch.setattr(filling, "PORTION", 11)
    fill(seed=7)
    assert everything() == first
    Session.objects.all().delete()
    fill(seed=8)
    assert everything() != first


def test_what_an_interrupted_command_left_out_is_added(project, capsys):
    fill()
    first = everything()
    Session.objects.filter(pk__in=list(Session.objects.values_list("pk", flat=True)[:15])).delete()
    capsys.readouterr()

    fill("--yes")

    assert capsys.readouterr().out == "15 sessions written, 25 already there.\n"
    assert sorted(map(str, everything())) == sorted(map(str, first))


def test_it_asks_before_it_mixes_with_others(project):
    factories.SessionFactory(project=project)
    with pytest.raises(CommandError, match="has sessions already"):
        fill()
    fill("--yes")
    assert Session.objects.count() == 41


def test_it_fills_the_named_project_only(project):
    other = factories.ProjectFactory()
    fill("--project", str(other.project_id))
    assert not project.sessions.exists()
    assert other.sessions.count() == 40


@pytest.mark.parametrize("option", ["sessions", "runs_per_session", "messages_per_run", "agents", "users", "days"])
def test_numbers_start_at_one(project, option):
    with pytest.raises(CommandError, match=f"--{option.replace('_', '-')} must be 1 or above"):
        fill(**{option: 0})
    assert not Session.objects.exists()


def test_days_end_where_moments_do(project):
    with pytest.raises(CommandError, match="--days must be 36500 or below"):
        fill(days=99_999_999)
    assert not Agent.objects.exists()


def test_a_project_that_is_not_there(project):
    with pytest.raises(CommandError, match="must be a UUID"):
        fill("--project", "x")


def test_more_sessions_are_no_more_statements_a_portion(project):
    with CaptureQueriesContext(connection) as few:
        fill(sessions=2, agents=1)
    with CaptureQueriesContext(connection) as many:
        fill("--yes", sessions=20, agents=1, seed=1)
    assert len(many) <= len(few) + 12
