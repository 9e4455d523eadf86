"""The pages of a filled store ask the database as often when it holds four times as much."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app.admin.addresses import session_url
from sessions_app.models import Session
from tests.admin.pages import list_url

SESSIONS = 60
"""More than a page of the list shows."""
PAGES = {
    "list": (lambda: list_url("session"), 20),
    "searched list": (lambda: list_url("session", q="invoice"), 20),
    "filtered list": (lambda: list_url("session", errors="yes"), 20),
    "overview": (lambda: reverse("admin:sessions_app_session_overview"), 20),
    "overview of 90 days": (lambda: reverse("admin:sessions_app_session_overview") + "?days=90", 20),
    "transcript": (lambda: session_url(Session.objects.latest("pk").pk), 30),
}
"""Where each page is, and how often it may ask."""


def fill(sessions):
    call_command(
        "fill_agent_sessions",
        yes=True,
        no_progress=True,
        verbosity=0,
        sessions=sessions,
        agents=7,
        users=20,
        seed=sessions,
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_often_of_four_times_as_many_sessions(admin_client, project, name):
    url, most = PAGES[name]

    def ask():
        admin_client.get(url())
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(url()).status_code == 200
        return len(queries)

    fill(SESSIONS)
    before = ask()
    fill(3 * SESSIONS)
    assert Session.objects.count() == 4 * SESSIONS
    assert ask() == before <= most
