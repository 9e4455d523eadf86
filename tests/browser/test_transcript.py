"""A session is read like a conversation: by scrolling, by keys, by finding words, on a desk and on a phone."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from sessions_app import services
from sessions_app.admin.addresses import session_url
from sessions_app.services import NewMessage
from tests import factories
from tests.admin.pages import list_url
from tests.browser.pages import PHONE

LONG = 10_000
NEEDLE = 6_000
FOCUSED = "return document.activeElement.id"
IN_SIGHT = """
const box = document.querySelector(arguments[0])?.getBoundingClientRect();
return Boolean(box) && box.bottom > 0 && box.top < innerHeight;
"""


@pytest.fixture
def read(browser, demo):
    """Opens a demo session's transcript."""
    return lambda name, query="": browser.open(session_url(demo[f"demo-{name}"].pk) + query)


@pytest.fixture
def long(project):
    """Ten thousand messages, one of which speaks of a needle; a run with a tool fails right before the last ten."""
    session = factories.SessionFactory(project=project)
    said = [{"role": ("user", "assistant")[number % 2], "content": f"Message {number}"} for number in range(LONG - 13)]
    said[NEEDLE]["content"] = "Here is the needle"
    services.append_messages(session=session, messages=[NewMessage(payload) for payload in said])
    call = {"id": "c", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
    tools = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    tools += [{"role": "tool", "tool_call_id": "c", "content": "none"}, {"role": "user", "content": "Oh"}]
    factories.RunFactory(session=session, messages=tools, status="ERROR", error="It broke", is_error=True)
    services.append_messages(session=session, messages=[NewMessage(payload) for payload in said[:10]])
    return session


def in_sight(browser, css):
    return browser.wait_for(lambda: browser.script(IN_SIGHT, css))


def count(browser):
    return browser.find("[data-count]").text


def test_a_click_in_the_list_opens_it(browser, demo):
    browser.open(list_url("session")).click("Cracked lid, order K-20817")
    browser.wait_for(lambda: browser.path == session_url(demo["demo-refund"].pk))
    assert [heading.text for heading in browser.find_all("article h3")][:3] == ["System prompt", "User", "Assistant"]


def test_keys_walk_through_the_messages(read):
    browser = read("refund").press("j", "j")
    assert browser.script(FOCUSED) == "m-1"
    assert browser.press("k").script(FOCUSED) == "m-0"
    assert browser.press("G").wait_for(lambda: browser.script(FOCUSED) == "m-10")
    assert browser.press("g").wait_for(lambda: browser.script(FOCUSED) in {"run-0", "m-0"})
    browser.press("?").wait_for_text("Next, previous message")
    browser.press(Keys.ESCAPE, "/", "j")
    assert browser.find("#agent-sessions-query").get_attribute("value") == "j"


def test_words_are_found_one_after_the_other(read):
    browser = read("refund").press("/", "refund")
    browser.wait_for(lambda: count(browser).startswith("1 of"))
    total = int(count(browser).split()[-1])
    assert total > 2
    assert {mark.text.lower() for mark in browser.find_all("mark") if mark.text} == {"refund"}
    browser.press(Keys.ENTER).wait_for(lambda: count(browser) == f"2 of {total}")
    browser.find("[data-match='previous-match']").click()
    browser.wait_for(lambda: count(browser) == f"1 of {total}")
    browser.fill("q", "no such word").wait_for(lambda: count(browser) == "No matches")
    assert browser.find_all("mark") == []


def test_a_tool_call_unfolds_to_its_arguments_and_its_answer(read):
    browser = read("refund")
    assert "Casserole, 28 cm" not in browser.text
    browser.find("[data-to='next-tool']").click()
    browser.wait_for_text("Casserole, 28 cm")
    assert '"order_id": "K-20817"' in browser.find("[data-tool] .agent-sessions-json-body").text
    browser.press("o").wait_for(lambda: "Casserole, 28 cm" not in browser.text)
    browser.press("o").wait_for_text("Casserole, 28 cm")


def test_reasoning_is_folded_and_pictures_are_shown(read):
    browser = read("chart")
    thought = browser.find(".agent-sessions-reasoning")
    assert "Friday evening. On other" not in thought.text
    thought.find_element("tag name", "summary").click()
    assert "Friday evening. On other" in thought.text
    picture = browser.find(".agent-sessions-image img")
    browser.wait_for(lambda: browser.script("return arguments[0].naturalWidth", picture) == 64)


def test_errors_cannot_be_missed(read):
    browser = read("migration")
    browser.find("[data-to='next-error']").click()
    in_sight(browser, ".agent-sessions-error-banner")
    assert "This run failed." in browser.text
    assert "No space left on device" in browser.find(".agent-sessions-error-banner").text


def test_ten_thousand_messages_open_at_once_and_come_as_they_are_scrolled_to(browser, long):
    browser.open(session_url(long.pk))
    shown = len(browser.find_all("article"))
    assert shown <= 150
    browser.script("window.scrollTo(0, document.body.scrollHeight)")
    browser.wait_for(lambda: len(browser.find_all("article")) > shown)
    positions = browser.script("return [...document.querySelectorAll('article')].map((each) => each.dataset.position)")
    assert positions == [str(number) for number in range(len(positions))]


def test_in_ten_thousand_messages_every_place_is_one_step_away(browser, long):
    browser.open(session_url(long.pk)).click("End")
    in_sight(browser, f"#m-{LONG - 1}")
    browser.click("Start")
    in_sight(browser, "#m-0")
    browser.click("Next error").wait_for_text("It broke")
    in_sight(browser, ".agent-sessions-error-banner")
    browser.click("Start")
    in_sight(browser, "#m-0")
    browser.click("Next tool call").wait_for_text("look_up")
    browser.fill("q", "needle")
    in_sight(browser, f"#m-{NEEDLE}")
    assert count(browser) == "1 of 1"
    browser.script("window.scrollTo(0, 0)")
    browser.wait_for(lambda: browser.find_all(f"#m-{NEEDLE - 40}"))


def test_the_print_view_holds_everything_unfolded(read):
    browser = read("greenhouse").click("Print view")
    browser.wait_for(lambda: browser.path.endswith("?print=1"))
    assert browser.text.count("read_sensors") >= 18
    assert "Read the sensors when asked, compare" in browser.text
    assert '"moisture_percent"' in browser.text
    browser.wait_for(browser.find("[data-print]").is_displayed)
    assert browser.find_all("[data-find]") == []


@pytest.mark.parametrize("name", ["refund", "chart", "migration", "market-team", "ryokan", "library"])
def test_it_fits_a_phone_and_its_facts_are_one_step_away(read, name):
    browser = read(name)
    browser.size(*PHONE)
    browser.script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert browser.overflow() <= 0
    browser.script("document.querySelectorAll('details').forEach((each) => { each.open = false; })")
    browser.click("About this session")
    in_sight(browser, "#agent-sessions-about")


def test_without_scripts_it_can_be_read_and_searched(read):
    browser = read("refund")
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    read("refund").fill("q", "refund").press(Keys.ENTER)
    browser.wait_for(lambda: "q=refund" in browser.path)
    assert "matches" in count(browser)
