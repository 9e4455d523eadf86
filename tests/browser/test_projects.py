"""A project is made, gets its first key, and shows what is in it."""

from __future__ import annotations

from sessions_app.models import APIKey, Project
from tests.admin.pages import add_url, list_url, page_url


def test_a_new_project_gets_its_first_key(browser):
    browser.open(add_url("project")).fill("name", "Shops").click("Save")
    browser.wait_for_text("Make its first key now")
    browser.fill("name", "Web shop").click("Save").wait_for_text("it is never shown again")
    key = APIKey.objects.get()
    assert key.project == Project.objects.get(name="Shops")
    browser.open(page_url(key.project))
    assert key.prefix in browser.text


def test_its_ids_are_copied_and_its_totals_lead_on(browser, demo):
    project = demo["demo-refund"].project
    browser.open(page_url(project))
    browser.find("[data-agent-sessions-copy='agent-sessions-project-id']").click()
    browser.wait_for(lambda: browser.clipboard() == str(project.project_id))
    browser.find(".agent-sessions-totals a").click()
    browser.wait_for(lambda: browser.path == list_url("session", project=project.pk))
    assert len(browser.find_all("#result_list tbody tr")) == len(demo)
