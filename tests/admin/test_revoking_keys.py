"""Revoking one key on a page of its own, which asks before."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry

from sessions_app.models import APIKey
from tests import factories
from tests.admin.pages import list_url, page_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(project):
    return factories.APIKeyFactory(project=project, name="Backend")


def revoke_url(key):
    return page_url(key, "revoke", pk=key.prefix)


def test_the_keys_page_leads_to_a_question_that_changes_nothing(admin_client, key):
    assert revoke_url(key) in admin_client.get(page_url(key, pk=key.prefix)).content.decode()
    page = admin_client.get(revoke_url(key)).content.decode()
    assert "This cannot be undone." in page
    assert "Backend" in page
    assert key.hashed_key not in page
    assert not APIKey.objects.get().revoked


def test_the_answer_revokes_for_good_and_is_in_the_history(admin_client, key):
    page = admin_client.post(revoke_url(key), follow=True).content.decode()
    assert "1 API key was revoked" in page
    assert "Revoked" in page
    assert revoke_url(key) not in page
    assert 'name="_save"' not in page
    assert APIKey.objects.from_secret(key.secret) is None
    assert LogEntry.objects.get().object_id == key.prefix


def test_revoking_again_changes_nothing(admin_client, key):
    admin_client.post(revoke_url(key))
    assert "0 API keys were revoked" in admin_client.post(revoke_url(key), follow=True).content.decode()
    assert LogEntry.objects.count() == 1


def test_viewers_revoke_nothing(viewer, key):
    assert revoke_url(key) not in viewer.get(page_url(key, pk=key.prefix)).content.decode()
    assert viewer.get(revoke_url(key)).status_code == 403
    assert viewer.post(revoke_url(key)).status_code == 403
    assert not APIKey.objects.get().revoked


@pytest.mark.parametrize("prefix", ["nope", "\x00", "a'b"])
def test_an_unknown_key_is_not_found(admin_client, key, prefix):
    assert admin_client.post(page_url(key, "revoke", pk=prefix)).status_code == 302
    assert not APIKey.objects.get().revoked


def test_the_action_asks_first_and_the_answer_does_what_was_asked(admin_client, key, monkeypatch):
    monkeypatch.setattr("sessions_app.admin.keys.revoking.NAMED", 1)
    second, kept = factories.APIKeyFactory.create_batch(2, project=key.project)
    asked = {"action": "revoke", "_selected_action": [key.prefix, second.prefix], "select_across": "0"}
    page = admin_client.post(list_url("apikey"), asked)
    text = page.content.decode()
    assert "This cannot be undone." in text
    assert "and 1 more" in text
    assert not any(each.hashed_key in text for each in (key, second, kept))
    assert not APIKey.objects.filter(revoked=True).exists()
    answer = re.findall(
        r'<input type="hidden" name="(_selected_action|action|post|select_across)" value="(\w+)">', text
    )
    data = {name: [value for each, value in answer if each == name] for name, _ in answer}
    assert "2 API keys were revoked" in admin_client.post(list_url("apikey"), data, follow=True).content.decode()
    assert APIKey.objects.get(revoked=False) == kept


def test_the_action_takes_all_that_a_list_has(admin_client, key):
    factories.APIKeyFactory.create_batch(3, project=key.project, name="Shop")
    asked = {"action": "revoke", "_selected_action": [key.prefix], "select_across": "1", "post": "yes"}
    admin_client.post(list_url("apikey", q="Shop"), asked)
    assert APIKey.objects.get(revoked=False) == key
