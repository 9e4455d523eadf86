"""Making a key: shown once, on the page that answers the form, and nowhere else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session as BrowserSession
from django.test import Client
from django.utils import timezone

from sessions_app.models import APIKey
from tests import factories
from tests.admin.pages import add_url, errors_of, list_url, page_url, read_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(admin_client, project):
    return {**read_form(admin_client, add_url("apikey")), "project": project.pk, "name": "<b>Web</b>"}


def make(client, form, **changes):
    return client.post(add_url("apikey"), {**form, **changes})


def secret_on(page):
    [secret] = re.findall(r'id="agent-sessions-secret"[^>]*>([^<]+)<', page.content.decode())
    return secret


def test_a_new_key_is_shown_on_the_page_that_answers_the_form(admin_client, form, project):
    page = make(admin_client, form, scope="read", user_id="u1")
    assert page.status_code == 200
    key = APIKey.objects.get()
    assert APIKey.objects.from_secret(secret_on(page)) == key
    assert (key.scope, key.user_id, key.project) == ("read", "u1", project)
    assert b"<b>Web" not in page.content
    assert key.hashed_key not in page.content.decode()
    assert page_url(key, pk=key.prefix) in page.content.decode()


def test_the_page_of_a_new_key_is_not_kept_by_any_cache(admin_client, form):
    assert "no-store" in make(admin_client, form)["Cache-Control"]


def test_a_new_key_lies_nowhere_else(admin_client, form, caplog):
    page = make(admin_client, form)
    secret, key = secret_on(page), APIKey.objects.get()
    hidden = secret.partition(".")[2]
    assert hidden not in str(page.headers) + str(page.cookies)
    assert hidden not in str([session.get_decoded() for session in BrowserSession.objects.all()])
    assert hidden not in str(list(LogEntry.objects.values())) + str(list(APIKey.objects.values()))
    assert hidden not in caplog.text
    for url in (
        list_url("apikey"),
        add_url("apikey"),
        page_url(key, pk=key.prefix),
        page_url(key, "history", key.prefix),
    ):
        assert hidden not in admin_client.get(url).content.decode()


def test_a_form_that_is_sent_again_makes_no_second_key_and_shows_none(admin_client, form):
    secret = secret_on(make(admin_client, form))
    key = APIKey.objects.get()
    again = make(admin_client, form, name="Other")
    assert again.url == page_url(key, pk=key.prefix)
    page = admin_client.get(again.url)
    assert f"This form has made its key {key.prefix} already" in page.content.decode()
    assert secret not in page.content.decode()
    assert APIKey.objects.get() == key


def test_not_even_when_its_key_was_deleted_meanwhile(admin_client, form):
    make(admin_client, form)
    key = APIKey.objects.get()
    admin_client.post(page_url(key, "delete", pk=key.prefix), {"post": "yes"})
    assert make(admin_client, form).status_code == 302
    assert not APIKey.objects.exists()


def test_two_that_come_in_at_once_make_one_key(admin_client, form, monkeypatch):
    make(admin_client, form)
    monkeypatch.setattr("sessions_app.admin.keys.making.has_been_used", lambda prefix: False)
    assert make(admin_client, form).status_code == 302
    assert APIKey.objects.count() == 1


@pytest.mark.parametrize("ticket", ["", "x", "Abcdefgh:1:forged", "\x00"])
def test_a_form_without_a_ticket_makes_nothing_and_gets_a_new_one(admin_client, form, ticket):
    page = make(admin_client, form, ticket=ticket)
    assert "lay open for too long" in str(errors_of(page))
    assert not APIKey.objects.exists()
    fresh = page.context["adminform"].form["ticket"].value()
    assert make(admin_client, form, ticket=fresh).status_code == 200
    assert APIKey.objects.count() == 1


def test_a_ticket_gets_old(admin_client, form, monkeypatch):
    monkeypatch.setattr("sessions_app.admin.keys.forms.MAX_AGE", timedelta(seconds=-1))
    assert "__all__" in errors_of(make(admin_client, form))


def test_a_name_of_blanks_is_none(admin_client, form):
    page = make(admin_client, form, name="   ")
    assert "This field is required." in page.content.decode()
    assert not APIKey.objects.exists()


def test_a_key_does_not_expire_before_it_is_made(admin_client, form):
    past = timezone.now() - timedelta(days=1)
    page = make(admin_client, form, expiry_date_0=past.date().isoformat(), expiry_date_1="00:00:00")
    assert "expiry_date" in errors_of(page)


def test_the_only_project_is_chosen_already(admin_client, project):
    assert read_form(admin_client, add_url("apikey"))["project"] == project.pk
    factories.ProjectFactory()
    assert read_form(admin_client, add_url("apikey"))["project"] == ""
    assert read_form(admin_client, add_url("apikey") + f"?project={project.pk}")["project"] == str(project.pk)


def test_who_may_only_add_keys_sees_the_new_one_and_no_other_page(form):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="add_apikey"))
    clerk = Client()
    clerk.force_login(user)
    page = make(clerk, form)
    assert APIKey.objects.from_secret(secret_on(page))
    assert page_url(APIKey.objects.get(), pk=APIKey.objects.get().prefix) not in page.content.decode()
    assert make(clerk, form).url == "/admin/"
    assert clerk.get(list_url("apikey")).status_code == 403


def test_the_programs_hold_the_key_and_this_sites_address(admin_client, form):
    page = make(admin_client, form)
    secret = secret_on(page)
    for wire in page.context["guide"]:
        assert wire["url"] == "http://testserver"
        for program in wire["programs"]:
            assert secret in program["code"]
            assert "http://testserver" in program["code"]
    assert page.context["guide"][0]["title"] == "REST API"


def test_later_the_programs_hold_no_key(admin_client, form):
    make(admin_client, form)
    key = APIKey.objects.get()
    page = admin_client.get(page_url(key, pk=key.prefix))
    assert all("YOUR-KEY" in program["code"] for wire in page.context["guide"] for program in wire["programs"])
