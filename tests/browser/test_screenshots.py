"""The pictures of the documentation: ``make screenshots``. They show the demo sessions, light and dark."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse

from project.demo import load_sessions
from sessions_app.admin.addresses import session_url
from sessions_app.models import Session
from tests.admin.pages import add_url, list_url

FOLDER = os.environ.get("SCREENSHOTS", "")
"""Where the pictures go."""

pytestmark = pytest.mark.skipif(not FOLDER, reason="make screenshots takes the pictures")


@pytest.fixture
def store(transactional_db):
    """What ``make demo`` shows, by session id."""
    load_sessions()
    return {session.session_id: session for session in Session.objects.select_related("project")}


def transcript(browser, store):
    browser.open(session_url(store["demo-refund"].pk)).script("document.querySelector('[data-tool]').open = true")


def new_key(browser, store):
    browser.open(add_url("apikey")).fill("name", "Web shop").click("Save").wait_for_text("never shown again")


PICTURES = {
    "session-list": lambda browser, store: browser.open(list_url("session")),
    "transcript": transcript,
    "overview": lambda browser, store: browser.open(reverse("admin:sessions_app_session_overview")),
    "new-key": new_key,
}
"""How each page is come to."""


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(browser, store, name):
    PICTURES[name](browser, store)
    for theme, ending in (("light", ""), ("dark", "-dark")):
        browser.theme(theme)
        browser.screenshot(Path(FOLDER) / f"admin-{name}{ending}.png")
