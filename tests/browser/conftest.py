"""The admin in a real browser: Debian's Chromium, without a window, on the reference site with its strict policy.

A test that takes ``browser`` fails also for what the browser complains of: something that the Content-Security-Policy
stopped, a script's error, a file that did not come. Nothing but 127.0.0.1 can be reached from it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from sessions_app.models import Session
from tests.browser.pages import Browser

HERE = Path(__file__).resolve().parent
AXE = HERE.parent.parent / ".venv" / "browser"
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # CI is root in a container, where Chromium's own sandbox cannot start.
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=en",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PASSWORD = "the operator's password"

os.environ.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", "127.0.0.1")


def pytest_collection_modifyitems(items):
    """One Chromium at a time, so all on one worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Started when the test database is there: a server that still sees one in memory shares the tests' connection."""
    return live_server


@pytest.fixture(scope="session")
def chromium():
    programs = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    absent = [name for name, path in programs.items() if path is None]
    if absent:
        pytest.skip(f"{' and '.join(absent)} is absent")
    options = webdriver.ChromeOptions()
    options.binary_location = programs["chromium"]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in OPTIONS:
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service(programs["chromedriver"]))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def axe_script():
    """The source of axe-core, from its makers' own npm package."""
    if not shutil.which("npm"):
        pytest.skip("npm is absent")
    wanted, stamp = (HERE / "package.json").read_text(), AXE / "installed"
    AXE.mkdir(parents=True, exist_ok=True)
    with (AXE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Two workers that install at once take each other's files away.
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.copy(HERE / "package.json", AXE)
            install = ["npm", "install", "--no-audit", "--no-fund"]
            done = subprocess.run(install, cwd=AXE, capture_output=True, text=True)
            if done.returncode != 0:
                pytest.skip(f"axe-core is not installed: {done.stderr.strip().splitlines()[-1]}")
            stamp.write_text(wanted)
    return (AXE / "node_modules" / "axe-core" / "axe.min.js").read_text()


def log_in(browser, user):
    client = Client()
    client.force_login(user)
    browser.set_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return browser


@pytest.fixture
def operator(transactional_db):
    return User.objects.create_superuser("operator", password=PASSWORD)


@pytest.fixture
def stranger(chromium, live_server, request):
    """The browser of somebody who is not logged in."""
    browser = Browser(chromium, live_server.url, lambda: request.getfixturevalue("axe_script"))
    browser.reset()
    yield browser
    problems = browser.problems()
    browser.leave()
    assert problems == []


@pytest.fixture
def browser(stranger, operator):
    """The browser of an operator who is logged in and may do everything."""
    return log_in(stranger, operator)


@pytest.fixture
def log_in_with(stranger, transactional_db):
    """The browser of staff that have these permissions: ``log_in_with("view_session")``."""

    def make(*codenames):
        user = User.objects.create_user("clerk", is_staff=True)
        ours = Permission.objects.filter(content_type__app_label="sessions_app", codename__in=codenames)
        user.user_permissions.set(ours)
        assert len(ours) == len(codenames)
        return log_in(stranger, user)

    return make


@pytest.fixture
def demo(transactional_db):
    """The demo sessions, by their ids."""
    call_command("load_demo_sessions", verbosity=0)
    return {session.session_id: session for session in Session.objects.select_related("project")}
