"""The overview's figures lead to the lists that they count."""

from __future__ import annotations

import pytest
from django.urls import reverse

ROWS = "#result_list tbody tr"


@pytest.fixture
def overview(browser, demo):
    return browser.open(reverse("admin:sessions_app_session_overview"))


def total(browser, name):
    """The link with a panel's total."""
    return browser.find(f"[aria-labelledby='agent-sessions-{name}'] .agent-sessions-total a")


def listed(browser, link):
    """How many rows the list has to which a figure leads."""
    browser.script("arguments[0].click()", link)
    browser.wait_for(lambda: "/overview/" not in browser.path)
    return len(browser.find_all(ROWS))


@pytest.mark.parametrize("name", ["sessions", "runs"])
def test_a_total_leads_to_as_many_rows(overview, name):
    link = total(overview, name)
    said = int(link.text)
    assert said > 10
    assert listed(overview, link) == said


def test_a_bar_leads_to_the_rows_of_its_day(overview):
    bars = overview.find_all("[aria-labelledby='agent-sessions-sessions'] svg a")
    bar = [each for each in bars if "4" in each.find_element("css selector", "title").get_attribute("textContent")][-1]
    said = bar.find_element("css selector", "title").get_attribute("textContent")
    overview.driver.get(overview.script("return new URL(arguments[0].href.baseVal, location).href", bar))
    assert str(len(overview.find_all(ROWS))) in said.replace(",", " ").split()


def test_an_agents_figures_lead_to_its_sessions_and_runs(overview):
    row = next(row for row in overview.find_all(".agent-sessions-pair tbody tr") if "Order support" in row.text)
    links = row.find_elements("css selector", "td a")
    said = int(links[0].text)
    assert said == 3
    assert listed(overview, links[0]) == said


def test_a_name_leads_to_the_figures_of_that_agent_and_back_to_all(overview):
    everybody = total(overview, "sessions").text
    link = next(each for each in overview.find_all(".agent-sessions-pair tbody th a") if each.text == "Order support")
    overview.script("arguments[0].click()", link)
    overview.wait_for_text("Show all")
    assert total(overview, "sessions").text == "3"
    overview.click("Show all").wait_for(lambda: not overview.find_all(".agent-sessions-narrowed"))
    assert total(overview, "sessions").text == everybody


def test_another_range_counts_other_days(overview):
    before = int(total(overview, "runs").text)
    overview.click("7 days").wait_for(lambda: "7" in overview.path)
    week = int(total(overview, "runs").text)
    assert 0 < week <= before
    overview.script("document.querySelectorAll('input[type=date]').forEach((box) => { box.value = '2001-01-01'; })")
    overview.click("Show").wait_for_text("Nothing happened in these days.")


def test_the_costliest_run_leads_to_itself(overview, demo):
    link = overview.find(".agent-sessions-overview table:last-of-type tbody a")
    overview.script("arguments[0].click()", link)
    overview.wait_for(lambda: "/overview/" not in overview.path)
    assert "demo-" in overview.source
