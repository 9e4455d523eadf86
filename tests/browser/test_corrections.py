"""An operator corrects what was said, tags it, hides it, and brings it back; everybody sees what they may."""

from __future__ import annotations

import httpx
import pytest

from sessions_app.admin.addresses import session_url
from sessions_app.models import Message, RunMetadata
from tests import factories
from tests.admin.pages import page_url
from tests.dialects import table

FORBIDDEN = "403|favicon"
"""What the browser says of a plain page that refuses somebody."""
SECRET = "My card number is 4929 1111"
READS = [endpoint for endpoint in table.ENDPOINTS if endpoint.method == "get"]


@pytest.fixture
def secret(transactional_db):
    """A message with words that should not be there, in the session that all endpoints find."""
    project = factories.ProjectFactory()
    session = table.fill(project)
    factories.RunFactory(session=session, messages=[{"role": "user", "content": SECRET}], input=SECRET)
    return Message.objects.get(text=SECRET)


def answers(site, project):
    """What every endpoint of every dialect says about the session."""
    key = factories.APIKeyFactory(project=project)
    with httpx.Client(base_url=site, headers={"x-api-key": key.secret}, trust_env=False) as client:
        return {str(endpoint): client.get(endpoint.url()).text for endpoint in READS}


def hide(browser, message):
    """Hide a message from its menu in the transcript."""
    browser.open(session_url(message.session_id))
    bubble = browser.find(f"#m-{message.position}")
    bubble.find_element("css selector", ".agent-sessions-menu > summary").click()
    bubble.find_element("link text", "Hide").click()
    browser.wait_for_text("Nobody reads them any more")
    browser.click("Yes, hide it").wait_for_text("Hidden.")


def test_a_message_is_corrected_from_the_transcript(browser, demo):
    session = demo["demo-capacity"]
    browser.open(session_url(session.pk))
    message = session.messages.in_order().last()
    bubble = browser.find(f"#m-{message.position}")
    bubble.find_element("css selector", ".agent-sessions-menu > summary").click()
    bubble.find_element("link text", "Edit").click()
    browser.fill("new_text", "The disk lasts for one year.").click("Save").wait_for_text("was changed successfully")
    message.refresh_from_db()
    assert (message.text, message.payload["content"]) == ("The disk lasts for one year.",) * 2
    browser.open(page_url(message, "history"))
    assert "operator" in browser.find("#change-history").text
    browser.open(session_url(session.pk))
    assert "The disk lasts for one year." in browser.text


def test_a_bad_payload_is_refused_and_said_why(browser, demo):
    message = demo["demo-capacity"].messages.in_order().first()
    before = message.payload
    browser.open(page_url(message)).fill("payload", '{"content": "no role"}').click("Save")
    assert browser.find(".errornote, .errorlist").is_displayed()
    message.refresh_from_db()
    assert message.payload == before


def test_a_session_is_tagged_from_its_page_and_found_by_its_tag(browser, demo):
    session = demo["demo-capacity"]
    browser.open(session_url(session.pk)).click("More").click("Add tags…")
    browser.fill("name_1", "follow up").click("Add tags")
    browser.wait_for_text("1 session changed.")
    assert [tag.name for tag in session.tags.all()] == ["follow up"]
    assert "follow up" in browser.find(".agent-sessions-tags").text


def test_hidden_words_are_gone_from_the_page_and_from_every_dialect(browser, secret):
    before = answers(browser.site, secret.session.project)
    assert sum(SECRET in answer for answer in before.values()) > 5
    hide(browser, secret)
    assert "[hidden]" in browser.find(f"#m-{secret.position} .agent-sessions-text").text
    assert not [name for name, answer in answers(browser.site, secret.session.project).items() if SECRET in answer]
    assert SECRET not in RunMetadata.objects.latest("pk").input
    browser.open(f"{session_url(secret.session_id)}?print=1")
    assert SECRET not in browser.text


def test_who_may_reveal_reads_the_original_and_restores_it(browser, secret):
    hide(browser, secret)
    browser.click("What was hidden").wait_for_text(SECRET)
    bubble = browser.find(f"#m-{secret.position}")
    bubble.find_element("css selector", ".agent-sessions-menu > summary").click()
    bubble.find_element("link text", "Restore").click()
    browser.click("Yes, restore it").wait_for_text("Restored.")
    assert SECRET in browser.find(f"#m-{secret.position} .agent-sessions-text").text
    assert any(SECRET in answer for answer in answers(browser.site, secret.session.project).values())


def test_who_may_not_reveal_never_gets_the_original(log_in_with, secret):
    codenames = [f"{verb}_{model}" for verb in ("view", "change") for model in ("session", "runmetadata", "message")]
    browser = log_in_with(*codenames)
    hide(browser, secret)
    pages = [session_url(secret.session_id), page_url(secret), page_url(secret.run), page_url(secret.session)]
    for url in [*pages, *(page_url(row, "history") for row in (secret, secret.run, secret.session))]:
        browser.open(url)
        assert "4929" not in browser.source
    browser.tolerate(FORBIDDEN)
    browser.open(page_url(secret, "restore")).wait_for_text("403 Forbidden")


def test_who_may_only_look_finds_nothing_to_press(log_in_with, secret):
    browser = log_in_with("view_session", "view_runmetadata", "view_message")
    browser.open(session_url(secret.session_id)).wait_for_text(SECRET)
    words = browser.find("#content-main").text
    assert browser.find_all("#content-main .agent-sessions-message .agent-sessions-menu") == []
    assert "Edit session" not in words
    for row in (secret.session, secret, secret.run):
        browser.open(page_url(row))
        assert browser.find_all("#content input[type=submit], #content textarea, #content input[type=text]") == []
        browser.tolerate(FORBIDDEN)
        browser.open(page_url(row, "delete")).wait_for_text("403 Forbidden")


def test_who_may_not_see_messages_is_told_so(log_in_with, secret):
    browser = log_in_with("view_session")
    browser.tolerate(FORBIDDEN)
    browser.open(session_url(secret.session_id))
    assert SECRET not in browser.source
    assert "messages" in browser.text
