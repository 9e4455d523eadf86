"""System checks: what is wrong with ``AGENT_SESSIONS`` is said at start-up, not on the first request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from sessions_app import conf


def check_settings(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E001: not a dict. E002: unknown key. E003 and up: one for each key. E009, E010: what the site must have."""
    configured = getattr(settings, "AGENT_SESSIONS", {})
    if not isinstance(configured, Mapping):
        return [Error("AGENT_SESSIONS must be a dict.", id="sessions_app.E001"), *_check_site()]
    return [*_check_keys(configured), *_check_site()]


def _check_keys(configured: Mapping[str, Any]) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for name, value in configured.items():
        setting = conf.SETTINGS.get(name)
        if setting is None:
            known = ", ".join(sorted(conf.SETTINGS))
            message = f"AGENT_SESSIONS has an unknown key {name!r}."
            problems.append(Error(message, hint=f"The keys are: {known}.", id="sessions_app.E002"))
        elif problem := setting.problem(value):
            problems.append(Error(f"AGENT_SESSIONS[{name!r}] {problem}.", id=setting.check_id))
    return problems


def _check_site() -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if not settings.USE_TZ:
        hint = "Set USE_TZ = True, Django's default."
        problems.append(Error("Agent sessions are kept in UTC.", hint=hint, id="sessions_app.E009"))
    missing = [app for app in ("rest_framework", "rest_framework_api_key") if app not in settings.INSTALLED_APPS]
    if missing:
        hint = f"Add {' and '.join(repr(app) for app in missing)} to INSTALLED_APPS."
        problems.append(Error("An app that sessions_app needs is not installed.", hint=hint, id="sessions_app.E010"))
    return problems
