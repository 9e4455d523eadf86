from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from sessions_app.models import Message, RunMetadata
from tests import factories
from tests.admin.transcript.pages import read, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(project):
    session = factories.SessionFactory(project=project)
    factories.RunFactory(session=session, messages=[{"role": "user", "content": "[hidden]"}], error="[hidden]")
    now = timezone.now()
    Message.objects.update(redacted_at=now, original={"role": "user", "content": "my secret"})
    RunMetadata.objects.update(redacted_at=now, original={"error": "run secret"})
    return session


@pytest.fixture
def revealer(viewer):
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename="reveal_message"))
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


@pytest.mark.parametrize("query", [{}, {"print": 1}, {"q": "secret"}])
def test_what_was_hidden_is_hidden(viewer, session, query):
    page = read(viewer, session, **query)
    assert "secret" not in page.one("div", "log").text
    assert "Hidden" in page.one("article").text
    assert "Hidden" in page.one("header", "run-head").text
    assert not page.all("details", "original")


def test_those_permitted_unfold_it(revealer, session):
    page = read(revealer, session)
    originals = page.all("details", "original")
    assert ["run secret" in originals[0].text, "my secret" in originals[1].text] == [True, True]
    assert all("open" not in fold.attributes for fold in originals)


def test_the_whole_text_of_a_hidden_message_is_its_replacement(revealer, session):
    message = session.messages.get()
    assert revealer.get(url(session, "transcript_text", message.pk, 0)).content == b"[hidden]"


def test_a_hidden_answer_stands_in_a_frame_that_says_so(viewer, project):
    session = factories.SessionFactory(project=project)
    call = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "[hidden]"},
    ]
    factories.RunFactory(session=session, messages=messages)
    Message.objects.filter(role="tool").update(redacted_at=timezone.now(), original={"content": "secret"})
    page = read(viewer, session)
    assert "Hidden" in page.all("article")[1].text
    assert "secret" not in page.text


def actions(page):
    return [link.text for link in page.one("article").one("details", "menu").all("a")]


def test_hiding_and_restoring_is_offered_and_leads_back(admin_client, project):
    session = factories.SessionFactory(project=project, messages=[{"role": "user", "content": "my secret"}])
    page = read(admin_client, session)
    assert actions(page) == ["Edit", "Hide", "Delete"]
    hide = page.one("article").one("details", "menu").all("a")[1]["href"]
    response = admin_client.post(hide)
    assert response.headers["Location"] == f"{url(session)}?at=0#m-0"
    page = read(admin_client, session)
    assert actions(page) == ["Restore", "Delete"]
    assert "my secret" not in page.one("article").one(name="text").text
    assert "my secret" in page.one("article").one("details", "original").text


def test_who_may_change_but_not_reveal_is_not_offered_to_restore(viewer, session):
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename="change_message"))
    page = read(viewer, session)
    assert not page.one("article").all("details", "menu")
