"""System checks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core import checks
from django.test import override_settings

from sessions_app.checks import check_settings


def found(**settings):
    with override_settings(**settings):
        return check_settings()


def found_ids(**settings):
    return [problem.id for problem in found(**settings)]


def test_the_reference_site_is_right():
    assert check_settings() == []
    assert found_ids(AGENT_SESSIONS={}) == []


def test_django_runs_the_checks():
    assert check_settings in checks.registry.registry.get_checks()


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_e001_not_a_dict(value):
    assert found_ids(AGENT_SESSIONS=value) == ["sessions_app.E001"]


def test_e002_unknown_key():
    [problem] = found(AGENT_SESSIONS={"MAX_PAGE_SIZ": 5})
    assert problem.id == "sessions_app.E002"
    assert "'MAX_PAGE_SIZ'" in problem.msg
    assert "MAX_PAGE_SIZE" in problem.hint


WRONG = [
    ("sessions_app.E003", "DB_IDS", {}),
    ("sessions_app.E003", "DB_IDS", ["default"]),
    ("sessions_app.E003", "DB_IDS", {"public": "no such alias"}),
    ("sessions_app.E003", "DB_IDS", {"": "default"}),
    ("sessions_app.E003", "DB_IDS", {5: "default"}),
    ("sessions_app.E003", "DB_IDS", {"public": ["default"]}),
    ("sessions_app.E004", "MAX_PAGE_SIZE", 0),
    ("sessions_app.E004", "MAX_PAGE_SIZE", "10"),
    ("sessions_app.E004", "MAX_PAGE_SIZE", True),
    ("sessions_app.E005", "MAX_BODY_BYTES", -1),
    ("sessions_app.E005", "MAX_BODY_BYTES", None),
    ("sessions_app.E006", "THROTTLE_RATE", 600),
    ("sessions_app.E006", "THROTTLE_RATE", "600"),
    ("sessions_app.E006", "THROTTLE_RATE", "many/min"),
    ("sessions_app.E006", "THROTTLE_RATE", "²/min"),
    ("sessions_app.E006", "THROTTLE_RATE", "0/min"),
    ("sessions_app.E006", "THROTTLE_RATE", "5/year"),
    ("sessions_app.E006", "THROTTLE_RATE", "5/"),
    ("sessions_app.E007", "DEFAULT_SHARED_ACCESS", "write"),
    ("sessions_app.E007", "DEFAULT_SHARED_ACCESS", ["query"]),
    ("sessions_app.E008", "MESSAGE_FORMATS", ["x"]),
    ("sessions_app.E008", "MESSAGE_FORMATS", {"x": "no.such.module"}),
    ("sessions_app.E008", "MESSAGE_FORMATS", {"x": "sessions_app.formats.NoSuchClass"}),
    ("sessions_app.E008", "MESSAGE_FORMATS", {"x": 5}),
    ("sessions_app.E008", "MESSAGE_FORMATS", {"x": "os.path"}),
    ("sessions_app.E008", "MESSAGE_FORMATS", {"x": "pathlib.Path"}),
]


@pytest.mark.parametrize(("check_id", "name", "value"), WRONG)
def test_a_wrong_value_has_its_own_id(check_id, name, value):
    [problem] = found(AGENT_SESSIONS={name: value})
    assert problem.id == check_id
    assert repr(name) in problem.msg


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_IDS", {"public": "default", "other": "default"}),
        ("MAX_PAGE_SIZE", 1),
        ("THROTTLE_RATE", "600/min"),
        ("THROTTLE_RATE", "5/s"),
        ("THROTTLE_RATE", None),
        ("DEFAULT_SHARED_ACCESS", "query"),
        ("MESSAGE_FORMATS", {"x": "sessions_app.formats.OpenAIChat"}),
    ],
)
def test_a_right_value_passes(name, value):
    assert found_ids(AGENT_SESSIONS={name: value}) == []


def test_all_problems_are_told_at_once():
    ids = found_ids(AGENT_SESSIONS={"MAX_PAGE_SIZE": 0, "X": 1, "MAX_BODY_BYTES": 0}, USE_TZ=False)
    assert ids == ["sessions_app.E004", "sessions_app.E002", "sessions_app.E005", "sessions_app.E009"]


def test_e009_without_time_zones():
    assert found_ids(USE_TZ=False) == ["sessions_app.E009"]


@pytest.mark.parametrize("app", ["rest_framework", "rest_framework_api_key"])
def test_e010_a_needed_app_is_missing(monkeypatch, settings, app):
    apps = [name for name in settings.INSTALLED_APPS if name != app]
    # override_settings would load all apps anew, and that without this one.
    monkeypatch.setattr("sessions_app.checks.settings", SimpleNamespace(USE_TZ=True, INSTALLED_APPS=apps))
    [problem] = check_settings()
    assert problem.id == "sessions_app.E010"
    assert repr(app) in problem.hint
