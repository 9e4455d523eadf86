"""``settings.AGENT_SESSIONS``."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings

from sessions_app import conf

DEFAULTS = {
    "DB_IDS": {"default": "default"},
    "MAX_PAGE_SIZE": 1000,
    "MAX_BODY_BYTES": 64 * 1024 * 1024,
    "THROTTLE_RATE": None,
    "DEFAULT_SHARED_ACCESS": "read_only",
    "MESSAGE_FORMATS": {},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_each_key_has_a_default(settings, name):
    settings.AGENT_SESSIONS = {}
    assert conf.get(name) == DEFAULTS[name]
    del settings.AGENT_SESSIONS
    assert conf.get(name) == DEFAULTS[name]


def test_a_setting_takes_effect_at_once():
    with override_settings(AGENT_SESSIONS={"MAX_PAGE_SIZE": 7}):
        assert conf.get("MAX_PAGE_SIZE") == 7
        assert conf.get("MAX_BODY_BYTES") == DEFAULTS["MAX_BODY_BYTES"]
    assert conf.get("MAX_PAGE_SIZE") == DEFAULTS["MAX_PAGE_SIZE"]


def test_a_key_that_nobody_registered_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        conf.get("NO_SUCH_KEY")


def test_every_default_passes_its_own_check():
    assert {name: setting.problem(setting.default) for name, setting in conf.SETTINGS.items()} == dict.fromkeys(
        conf.SETTINGS
    )


def test_every_key_has_a_check_id_of_its_own():
    ids = [setting.check_id for setting in conf.SETTINGS.values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"sessions_app\.E\d{3}", check_id) for check_id in ids)
    assert not {"sessions_app.E001", "sessions_app.E002", "sessions_app.E009", "sessions_app.E010"} & set(ids)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (conf.boolean, [True, False], [0, 1, None, "yes"]),
        (conf.positive, [1, 10**9], [0, -1, 1.0, True, None, "5"]),
        (conf.positive_or_none, [None, 1], [0, -1, False, "5"]),
        (conf.list_of_text, [[], ["a"], ("a", "b")], ["a", [1], None, {"a"}]),
        (conf.one_of("a", "b"), ["a", "b"], ["c", None, [], {}]),
    ],
)
def test_the_checks_tell_right_from_wrong(check, right, wrong):
    assert [check(value) for value in right] == [None] * len(right)
    assert all(check(value) for value in wrong)
