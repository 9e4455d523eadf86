from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from sessions_app.models import APIKey
from tests import factories
from tests.admin.pages import list_url, page_url, send_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(project):
    return factories.APIKeyFactory(project=project, name="Backend")


def assert_no_secret(response, key):
    page = response.content.decode()
    for secret in (key.pk, key.hashed_key, key.pk.replace("$", "_24"), key.hashed_key[-20:]):
        assert secret not in page


def test_no_page_and_no_log_holds_the_hash(admin_client, key):
    send_form(admin_client, page_url(key, pk=key.prefix), name="Renamed")
    pages = [
        list_url("apikey"),
        page_url(key, pk=key.prefix),
        page_url(key, "delete", pk=key.prefix),
        page_url(key, "history", pk=key.prefix),
        reverse("admin:index"),
    ]
    for url in pages:
        response = admin_client.get(url)
        assert response.status_code == 200
        assert key.prefix in response.content.decode()
        assert_no_secret(response, key)
    assert LogEntry.objects.get().object_id == key.prefix


def test_a_key_is_changed_but_not_moved(admin_client, key):
    changes = {"name": "New", "scope": "read", "project": factories.ProjectFactory().pk, "hashed_key": "x", "id": "y"}
    assert send_form(admin_client, page_url(key, pk=key.prefix), **changes).status_code == 302
    after = APIKey.objects.get()
    assert (after.name, after.scope, after.project, after.pk, after.hashed_key) == (
        "New",
        "read",
        key.project,
        key.pk,
        key.hashed_key,
    )


def test_selected_keys_are_revoked_for_good(admin_client, key):
    kept = factories.APIKeyFactory(project=key.project)
    data = {"action": "revoke", "_selected_action": [key.prefix, "\x00", "nope"], "post": "yes"}
    page = admin_client.post(list_url("apikey"), data, follow=True)
    assert b"1 API key was revoked" in page.content
    assert APIKey.objects.from_secret(key.secret) is None
    assert APIKey.objects.from_secret(kept.secret) == kept
    admin_client.post(page_url(key, pk=key.prefix), {"revoked": "", "name": "x"})
    after = APIKey.objects.get(pk=key.pk)
    assert after.revoked
    assert after.name == "Backend"


def test_a_primary_key_selects_nothing(admin_client, key):
    admin_client.post(list_url("apikey"), {"action": "revoke", "_selected_action": [key.pk], "post": "yes"})
    assert not APIKey.objects.get().revoked


def test_keys_are_deleted_one_by_one(admin_client, key):
    assert b"delete_selected" not in admin_client.get(list_url("apikey")).content
    page = admin_client.post(page_url(key, "delete", pk=key.prefix), {"post": "yes"}, follow=True)
    assert page.status_code == 200
    assert not APIKey.objects.exists()


@pytest.mark.parametrize("prefix", ["nope", "\x00", "a'b"])
def test_an_unknown_key_is_not_found(admin_client, key, prefix):
    assert admin_client.get(page_url(key, pk=prefix)).status_code == 302
    assert admin_client.get(page_url(key, "history", pk=prefix)).status_code == 302


def test_the_state_of_a_key_is_seen(admin_client, key):
    assert b"Active" in admin_client.get(list_url("apikey")).content
    APIKey.objects.update(expiry_date="2020-01-01T00:00:00Z")
    assert b"Expired" in admin_client.get(list_url("apikey")).content


def test_no_window_that_chooses_a_key_hands_over_its_hash(admin_client, key):
    for query in ({}, {"_to_field": "id"}):
        assert_no_secret(admin_client.get(list_url("apikey", _popup=1, **query)), key)
    assert_no_secret(send_form(admin_client, page_url(key, pk=key.prefix), name="New", _popup="1"), key)
    assert_no_secret(admin_client.post(page_url(key, "delete", pk=key.prefix), {"post": "yes", "_popup": "1"}), key)
    assert not APIKey.objects.exists()


@pytest.mark.parametrize("lookup", ["hashed_key__startswith", "id__contains", "pk__contains", "id__in"])
def test_no_hash_is_felt_out_by_an_address(viewer, key, lookup):
    assert viewer.get(list_url("apikey", **{lookup: "sha512"})).status_code == 400
