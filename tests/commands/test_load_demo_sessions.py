from __future__ import annotations

import base64
import json

import pytest
from django.core.management import CommandError
from django.utils import timezone

from sessions_app import demo, documents
from sessions_app.models import Message, RunMetadata, Session
from tests import factories


@pytest.fixture
def loaded(project, command):
    return command("load_demo_sessions").out


def test_it_loads_them_once(loaded, command):
    count = Session.objects.count()
    before = [documents.document_of(session) for session in Session.objects.order_by("pk")]

    again = command("load_demo_sessions").out

    assert loaded == f"{count} demo sessions loaded, 0 already there.\n"
    assert again == f"0 demo sessions loaded, {count} already there.\n"
    assert [documents.document_of(session) for session in Session.objects.order_by("pk")] == before
    assert count >= 12


def test_they_show_what_the_store_is_for(loaded):
    sessions, runs, messages = Session.objects.all(), RunMetadata.objects.all(), Message.objects.all()

    assert set(sessions.values_list("type", flat=True)) == {"agent", "team", "workflow"}
    assert set(runs.values_list("status", flat=True)) == set(RunMetadata.Status.values) - {"REGENERATED"}
    assert runs.exclude(parent_run_id=None).count() == 4
    assert runs.filter(reasoning_tokens__gt=0, cache_read_tokens__gt=0).exists()
    assert runs.exclude(error=None).exclude(error="").get().is_error
    assert messages.filter(role="tool").exclude(tool_call_id="").exists()
    assert sessions.filter(message_count__gte=60).exists()
    assert sessions.filter(agent=None, run_count=0).exists()
    assert sessions.exclude(parent=None).get().branched_at == 4
    assert sessions.exclude(name=None).exists()
    full = sessions.get(session_id="demo-refund")
    assert all([full.summary, full.state, full.tags.count(), full.index_ids, full.shared_access])
    assert len(set(sessions.values_list("agent", flat=True))) > 5


def test_they_are_of_the_last_days(db):
    now = timezone.now()
    ages = [now - timezone.datetime.fromisoformat(each["updated_at"]) for each in demo.documents(now)]

    assert all(0 <= age.total_seconds() < 7 * 24 * 3600 for age in ages)


def test_their_picture_is_one(loaded):
    [picture] = [
        part["image_url"]["url"]
        for message in Message.objects.filter(session__session_id="demo-chart", role="user")
        for part in message.payload["content"]
        if part["type"] == "image_url"
    ]
    head, _, data = picture.partition(",")
    decoded = base64.b64decode(data, validate=True)

    assert head == "data:image/png;base64"
    assert decoded.startswith(b"\x89PNG\r\n\x1a\n")
    assert b"IEND" in decoded


def test_what_they_say_of_their_tool_calls_is_json(loaded):
    for message in Message.objects.filter(role="assistant"):
        for call in message.payload.get("tool_calls", []):
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


def test_it_loads_into_the_named_project(project, command):
    other = factories.ProjectFactory()

    command("load_demo_sessions", "--project", str(other.project_id))

    assert not project.sessions.exists()
    assert other.sessions.exists()


def test_it_refuses_an_unknown_project(project, command):
    with pytest.raises(CommandError, match="--project must be a UUID"):
        command("load_demo_sessions", "--project", "x")
