"""What an operator exports is in the files that the browser saves."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from selenium.webdriver.support.ui import Select

from sessions_app.admin.addresses import session_url
from tests.admin.pages import list_url


@pytest.fixture
def saved(browser, tmp_path):
    """Waits for the one file that the browser saves: its name and its bytes."""
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))

    def wait():
        [file] = browser.wait_for(lambda: [each for each in tmp_path.iterdir() if each.suffix != ".crdownload"])
        return file.name, file.read_bytes()

    yield wait
    browser.command("Browser.setDownloadBehavior", behavior="default")


def choose(browser, action, *sessions):
    """Choose sessions in the list, and what to do with them."""
    browser.open(list_url("session"))
    for session in sessions:
        browser.find(f"input[name='_selected_action'][value='{session.pk}']").click()
    Select(browser.find("select[name='action']")).select_by_visible_text(action)
    browser.find("button[name='index']").click()  # Its word is not the same in all versions of Django.


def test_sessions_as_json_lines(browser, demo, saved):
    choose(browser, "Export as JSONL", demo["demo-refund"], demo["demo-library"])
    name, data = saved()
    documents = {document["session_id"]: document for document in map(json.loads, data.splitlines())}
    assert name == "sessions.jsonl"
    assert set(documents) == {"demo-refund", "demo-library"}
    assert len(documents["demo-refund"]["messages"]) == demo["demo-refund"].message_count
    assert "تاريخ العمارة" in data.decode()


def test_one_session_as_markdown_from_its_own_page(browser, demo, saved):
    browser.open(session_url(demo["demo-refund"].pk)).click("More").click("Export as Markdown")
    name, data = saved()
    assert name == "demo-refund.md"
    assert data.decode().startswith("# Cracked lid, order K-20817")
    assert "arrived with a crack" in data.decode()


def test_several_sessions_as_markdown_in_one_archive(browser, demo, saved):
    choose(browser, "Export as Markdown", demo["demo-refund"], demo["demo-library"])
    name, data = saved()
    assert name == "sessions.zip"
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 2


def test_runs_as_a_table(browser, demo, saved):
    session = demo["demo-migration"]
    choose(browser, "Export runs as CSV", session)
    name, data = saved()
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert name == "runs.csv"
    assert [row["status"] for row in rows] == ["ERROR", "CANCELLED", "COMPLETED"]
    assert sum(int(row["total_tokens"]) for row in rows) == session.total_tokens
