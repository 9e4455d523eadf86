"""How long a key that was looked up is remembered, and when its use is written down."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import router
from django.utils import timezone

from sessions_app import remembered, services
from sessions_app.models import APIKey
from sessions_app.querysets import APIKeyManager, forget_keys
from tests import factories
from tests.conftest import client_with
from tests.dialects.refusals import WRONG

URL = "/api/sessions"


def revoked_by_service(key):
    services.revoke_keys(keys=APIKey.objects.filter(pk=key.pk))


def revoked_by_hand(key):
    key.revoked = True
    key.save()


def deleted(key):
    key.delete()


def deleted_with_its_project(key):
    key.project.delete()


@pytest.mark.parametrize("end", [revoked_by_service, revoked_by_hand, deleted, deleted_with_its_project])
def test_a_key_that_ends_in_this_process_is_401_at_once(client, key, end):
    assert client.get(URL).status_code == 200
    end(key)
    assert client.get(URL).json() == WRONG


def test_a_key_that_is_revoked_elsewhere_is_401_within_five_seconds(client, key, monkeypatch):
    assert client.get(URL).status_code == 200
    APIKey.objects.filter(pk=key.pk).update(
        revoked=True
    )  # As another process does it, of which this one hears nothing.
    later = time.monotonic() + 5
    monkeypatch.setattr(remembered, "monotonic", lambda: later)
    assert client.get(URL).json() == WRONG


def test_a_site_may_look_each_time(client, key, settings):
    settings.AGENT_SESSIONS = {"KEY_MEMORY_SECONDS": 0}
    assert client.get(URL).status_code == 200
    APIKey.objects.filter(pk=key.pk).update(revoked=True)
    assert client.get(URL).json() == WRONG


def test_a_remembered_key_still_expires(project, monkeypatch):
    soon = timezone.now() + timedelta(hours=1)
    client = client_with(factories.APIKeyFactory(project=project, expiry_date=soon))
    assert client.get(URL).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: soon + timedelta(seconds=1))
    assert client.get(URL).json() == WRONG


def test_a_key_is_looked_up_once_in_a_while(client, key, django_assert_num_queries):
    client.get(URL)
    with django_assert_num_queries(0):
        client.put(URL)  # 405, once the key has been looked at.
    forget_keys()
    with django_assert_num_queries(1):
        client.put(URL)


def test_a_key_of_one_database_opens_no_other(key, monkeypatch):
    """Where a router chooses, by who asks, in which database keys are looked up."""
    chosen = ["theirs"]
    monkeypatch.setattr(router, "db_for_read", lambda model, **hints: chosen[-1])
    monkeypatch.setattr(APIKeyManager, "_look_up", lambda self, secret: key if self.db == "theirs" else None)
    assert APIKey.objects.from_secret(key.secret) == key
    chosen.append("ours")
    assert APIKey.objects.from_secret(key.secret) is None


def test_a_wrong_key_costs_one_query_at_most(anonymous, key, django_assert_num_queries):
    with django_assert_num_queries(1):
        anonymous.get(URL, HTTP_X_API_KEY=f"{key.prefix}.wrong")
    with django_assert_num_queries(0):
        anonymous.get(URL, HTTP_X_API_KEY="no-dot-at-all")


def test_its_last_use_is_kept_to_the_minute(client, key):
    client.get(URL)
    first = APIKey.objects.get(pk=key.pk).last_used_at
    assert timezone.now() - first < timedelta(seconds=10)
    client.get(URL)
    assert APIKey.objects.get(pk=key.pk).last_used_at == first
    APIKey.objects.filter(pk=key.pk).update(last_used_at=first - timedelta(seconds=61))
    forget_keys()
    client.get(URL)
    assert APIKey.objects.get(pk=key.pk).last_used_at > first


def test_a_failed_request_is_a_use_too(client, key):
    client.get(f"{URL}/unknown")
    assert APIKey.objects.get(pk=key.pk).last_used_at is not None
