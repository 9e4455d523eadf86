"""A key is made, copied, never seen again, and revoked."""

from __future__ import annotations

import httpx
import pytest

from sessions_app.models import APIKey
from tests import factories
from tests.admin.pages import add_url, page_url

pytestmark = pytest.mark.usefixtures("transactional_db")
SECRET = "#agent-sessions-secret"


@pytest.fixture
def made(browser, project):
    """The browser on the page of a new key."""
    browser.open(add_url("apikey")).fill("name", "Web shop").click("Save")
    browser.wait_for_text("it is never shown again")
    return browser


def answer_to(site, key):
    return httpx.get(f"{site}/api/sessions", headers={"x-api-key": key}, trust_env=False).status_code


def test_a_new_key_is_shown_and_opens_the_door(made):
    secret = made.find(SECRET).text
    assert answer_to(made.site, secret) == 200
    assert secret not in made.driver.current_url
    assert secret not in str(made.command("Network.getCookies")["cookies"])
    assert secret not in made.script("return JSON.stringify([localStorage, sessionStorage, history.state])")


def test_the_button_copies_it(made):
    secret = made.find(SECRET).text
    made.find("[data-agent-sessions-copy='agent-sessions-secret']").click()
    made.wait_for_text("Copied")
    assert made.clipboard() == secret
    assert made.find("[role='status']").get_attribute("textContent") == "Copied"


def test_without_the_clipboard_the_button_copies_as_browsers_of_old(made):
    secret = made.find(SECRET).text
    made.script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    made.script("document.addEventListener('copy', () => { window.taken = String(getSelection()); })")
    made.find("[data-agent-sessions-copy='agent-sessions-secret']").click()
    made.wait_for_text("Copied")
    assert made.script("return window.taken") == secret


def test_where_nothing_copies_the_key_is_selected_and_the_button_says_how(made):
    made.script("Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false")
    made.find("[data-agent-sessions-copy='agent-sessions-secret']").click()
    made.wait_for_text("Press Ctrl+C to copy")
    assert made.script("return String(getSelection())") == made.find(SECRET).text


def test_without_scripts_the_key_is_there_and_no_button_that_does_nothing(browser, project):
    browser.open(add_url("apikey")).fill("name", "Web shop")
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    browser.click("Save")
    assert answer_to(browser.site, browser.find(SECRET).text) == 200
    assert not any(button.is_displayed() for button in browser.find_all("[data-agent-sessions-copy]"))


def test_each_clients_program_is_filled_in_and_can_be_copied(made):
    secret = made.find(SECRET).text
    buttons = made.find_all("[data-agent-sessions-copy^='agent-sessions-program']")
    assert len(buttons) == 5
    for button in buttons:
        button.click()
        program = made.find("#" + button.get_attribute("data-agent-sessions-copy")).get_attribute("textContent")
        made.wait_for(lambda program=program: made.clipboard().replace("\r\n", "\n") == program)
        assert secret in program
        assert made.site in program


def test_loading_the_page_again_shows_nothing_and_makes_nothing(made):
    secret, key = made.find(SECRET).text, APIKey.objects.get()
    made.driver.refresh()
    made.wait_for_text(f"This form has made its key {key.prefix} already")
    assert made.path == page_url(key, pk=key.prefix)
    assert secret not in made.source
    assert APIKey.objects.get() == key


def test_going_back_does_not_show_it_again(made):
    secret = made.find(SECRET).text
    made.click("Done, I have it").wait_for(lambda: "Change API key" in made.text)
    assert secret not in made.source
    made.tolerate("ERR_CACHE_MISS")
    made.driver.back()
    assert secret not in made.source


def test_a_key_is_revoked_from_its_page_after_a_question(browser, project):
    key = factories.APIKeyFactory(project=project, name="Old shop")
    browser.open(page_url(key, pk=key.prefix)).click("Revoke")
    assert "This cannot be undone." in browser.text
    browser.click("No, take me back").wait_for(lambda: browser.path == page_url(key, pk=key.prefix))
    assert answer_to(browser.site, key.secret) == 200
    browser.click("Revoke").click("Yes, revoke").wait_for_text("1 API key was revoked")
    assert answer_to(browser.site, key.secret) == 401


def test_the_page_of_a_new_key_is_accessible_and_no_wider_than_a_phone(made):
    assert made.faults() == {}
