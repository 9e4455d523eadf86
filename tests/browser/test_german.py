"""In German, whose words are longer, pages are as accessible, and no wider than a phone."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.browser.pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_violation_in_german(browser, demo, name):
    browser.set_cookie(settings.LANGUAGE_COOKIE_NAME, "de")
    assert browser.open(PAGES[name](demo)).script("return document.documentElement.lang") == "de"
    assert browser.faults() == {}
