"""What every page must pass: accessible, light and dark; no wider than a phone; nothing that the policy stops."""

from __future__ import annotations

import pytest

from tests.browser.pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_violation_and_nothing_is_wider_than_a_phone(browser, demo, name):
    assert browser.open(PAGES[name](demo)).faults() == {}
