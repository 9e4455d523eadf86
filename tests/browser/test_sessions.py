"""An operator finds the session that a customer complains about, and corrects it."""

from __future__ import annotations

import pytest

from sessions_app import services
from sessions_app.models import Session
from tests.admin.pages import list_url, page_url
from tests.browser.conftest import PASSWORD


@pytest.fixture
def session(demo):
    return demo["demo-refund"]


def test_from_the_login_to_the_session_by_what_was_said_in_it(stranger, operator, session):
    stranger.open("/admin/").fill("username", operator.username).fill("password", PASSWORD).click("Log in")
    stranger.click("Sessions").wait_for(lambda: stranger.path == list_url("session"))
    assert "messages" in stranger.find("#searchbar_helptext").text
    stranger.fill("q", "arrived with a crack").click("Search")
    stranger.wait_for(lambda: "q=arrived" in stranger.path and len(stranger.find_all("#result_list tbody tr")) == 2)
    stranger.find("#result_list tbody").find_element("partial link text", "Cracked lid").click()
    stranger.wait_for(lambda: f"/{session.pk}/" in stranger.path)
    assert "demo-refund" in stranger.source


def test_a_filter_leaves_what_it_says(browser, session):
    browser.open(list_url("session")).click("With errors")
    assert len(browser.find_all("#result_list tbody tr")) == Session.objects.filter(error_count__gt=0).count() > 0


def test_a_name_is_corrected_and_in_the_history(browser, session):
    browser.open(page_url(session)).fill("name", "Lid replaced").click("Save")
    browser.wait_for_text("was changed successfully")
    assert "Lid replaced" in browser.text
    session.refresh_from_db()
    assert session.name == "Lid replaced"
    browser.open(page_url(session, "history"))
    assert "Name" in browser.find("#change-history").text


def test_of_two_operators_the_second_is_told_and_overwrites_nothing(browser, session):
    browser.open(page_url(session)).fill("name", "Mine")
    browser.driver.switch_to.new_window("tab")
    browser.open(page_url(session)).fill("name", "Theirs").click("Save")
    browser.wait_for_text("was changed successfully")
    browser.driver.switch_to.window(browser.driver.window_handles[0])
    browser.click("Save").wait_for_text("Somebody else changed this session meanwhile")
    session.refresh_from_db()
    assert session.name == "Theirs"


def test_a_session_that_is_gone_meanwhile_is_no_broken_page(browser, session):
    browser.tolerate("404")
    browser.open(page_url(session)).fill("name", "Mine")
    services.delete_sessions(sessions=Session.objects.filter(pk=session.pk))
    browser.click("Save").wait_for_text("doesn’t exist")
