"""The policy holds, and the browser's complaints fail a test."""

from __future__ import annotations

import httpx

from project.csp import HEADER
from tests.admin.pages import list_url

INLINE = (
    "const tag = document.createElement('script'); tag.textContent = 'window.ran = true'; document.body.append(tag);"
)
STYLE = "document.body.setAttribute('style', 'color: red')"


def test_every_page_forbids_what_stands_in_pages(live_server):
    for path in ("/admin/login/", "/docs", "/api/sessions"):
        policy = httpx.get(live_server.url + path, trust_env=False).headers[HEADER]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_a_script_in_the_page_does_not_run_and_is_reported(browser):
    browser.open(list_url("session")).script(INLINE)
    assert browser.script("return window.ran") is None
    assert any("script-src" in problem for problem in browser.problems())


def test_a_style_in_the_page_is_reported(browser):
    browser.open(list_url("session")).script(STYLE)
    assert any("style-src" in problem for problem in browser.problems())


def test_an_error_of_a_script_is_reported(browser):
    browser.open(list_url("session")).script("setTimeout(() => { throw new Error('oops'); })")
    assert browser.wait_for(browser.problems)


def test_a_file_that_does_not_come_is_reported(browser):
    browser.open(list_url("session")).script(
        "document.body.append(Object.assign(new Image(), {src: '/static/none.png'}))"
    )
    assert browser.wait_for(browser.problems)


def test_other_hosts_cannot_be_reached(browser):
    browser.tolerate("example.com")
    browser.open(list_url("session"))
    script = "fetch('http://example.com').then(() => arguments[0]('reached'), () => arguments[0]('not reached'))"
    assert browser.driver.execute_async_script(script) == "not reached"


def test_the_swagger_page_works_under_the_policy(stranger):
    stranger.open("/docs").wait_for_text("/api/sessions/{session_id}/export")
