"""Who may see the overview, and who is shown a way to it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sessions_app import services
from tests.admin.overview.pages import read, url
from tests.admin.pages import list_url


@pytest.mark.parametrize(
    ("permissions", "status"),
    [((), 403), (("view_session",), 403), (("view_runmetadata",), 403), (("view_session", "view_runmetadata"), 200)],
)
def test_it_takes_permission_to_see_sessions_and_runs(db, permissions, status):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    assert client.get(url()).status_code == status


def test_strangers_are_sent_to_the_login(db):
    assert Client().get(url()).status_code == 302


def test_the_list_and_the_index_lead_to_it(viewer, project):
    services.create_session(project=project)
    for page in (list_url("session"), reverse("admin:app_list", args=["sessions_app"])):
        assert f'href="{url()}"' in viewer.get(page).content.decode()


def test_no_link_is_shown_to_those_who_may_not_follow_it(db):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_session"))
    client = Client()
    client.force_login(user)
    for page in (list_url("session"), reverse("admin:app_list", args=["sessions_app"])):
        response = client.get(page)
        assert response.status_code == 200
        assert url() not in response.content.decode()


def test_who_may_not_see_messages_gets_no_links_to_them(staff, happen):
    happen(timezone.now())
    page = read(staff("view_session", "view_runmetadata"))
    assert "Messages" not in page.context["page"].titles
    assert list_url("message") not in page.content.decode()
