from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Message, RunMetadata, Session
from tests import factories
from tests.admin.pages import MODELS, add_url, list_url, page_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(project):
    session = services.create_session(
        project=project, session_id="s", tags=["vip"], state="\ud800", details={"x": "\ud800"}, summary={"a": "\x00"}
    )
    agent = factories.AgentFactory(project=project, metadata={"a": 1})
    messages = [{"role": "user", "content": "\ud800"}]
    run = factories.RunFactory(session=session, agent=agent, messages=messages, content="\ud800", details=["\ud800"])
    return [project, session, agent, run, session.messages.get(), session.tags.get()]


@pytest.mark.parametrize("model", MODELS)
def test_viewers_see_lists_and_add_nothing(viewer, rows, model):
    assert viewer.get(list_url(model)).status_code == 200
    assert viewer.get(add_url(model)).status_code == 403


def test_viewers_see_every_page_and_change_nothing(viewer, rows):
    for row in rows:
        page = viewer.get(page_url(row))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert b"<textarea" not in page.content
        assert viewer.post(page_url(row), {"name": "x"}).status_code == 403
        assert viewer.post(page_url(row, "delete"), {"post": "yes"}).status_code == 403
        for page in ("redact", "restore") if isinstance(row, Message | RunMetadata) else ():
            assert viewer.get(page_url(row, page)).status_code == 403
            assert viewer.post(page_url(row, page)).status_code == 403
    assert not Message.objects.filter(redacted_at__isnull=False).exists()


def test_viewers_read_json_and_tags(viewer, rows):
    page = viewer.get(page_url(rows[1])).content.decode()
    assert "\\ud800" in page
    assert "vip" in page


def test_viewers_see_keys_but_no_hash(viewer, project):
    key = factories.APIKeyFactory(project=project)
    page = viewer.get(page_url(key, pk=key.prefix)).content.decode()
    assert key.prefix in page
    assert key.hashed_key not in page
    response = viewer.post(list_url("apikey"), {"action": "revoke", "_selected_action": [key.prefix], "post": "yes"})
    assert response.status_code == 200, "the list again, since they have no such action"
    key.refresh_from_db()
    assert not key.revoked


@pytest.mark.parametrize("lookup", ["hashed_key__startswith", "id__contains", "pk__contains", "hashed_key"])
def test_the_hash_of_a_key_cannot_be_guessed_by_filters_in_the_address(viewer, project, lookup):
    key = factories.APIKeyFactory(project=project)
    assert viewer.get(list_url("apikey", **{lookup: key.hashed_key[:8]})).status_code == 400


def test_viewers_delete_nothing_in_bulk(viewer, rows):
    data = {"action": "delete_selected", "_selected_action": [rows[1].pk], "post": "yes"}
    viewer.post(list_url("session"), data)
    assert Session.objects.exists()


def test_who_may_not_delete_messages_deletes_no_session_with_messages(django_user_model, rows, client):
    from django.contrib.auth.models import Permission
    from django.test import Client

    user = django_user_model.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_session", "delete_session"]))
    clerk = Client()
    clerk.force_login(user)
    page = clerk.get(page_url(rows[1], "delete"))
    assert page.context["perms_lacking"] == {"run", "message"}
    assert clerk.post(page_url(rows[1], "delete"), {"post": "yes"}).status_code == 403
    assert Message.objects.exists()


def test_strangers_are_sent_to_the_login(client, rows):
    assert client.get(page_url(rows[1])).status_code == 302
