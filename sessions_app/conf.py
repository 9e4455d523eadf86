"""``settings.AGENT_SESSIONS``: every key with its default and its check, read anew at each use.

A dialect registers its own keys in its ``conf`` module, so that no vendor is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings as django_settings
from django.utils.module_loading import import_string

Problem = str | None
"""What is wrong with a value, as the end of a sentence; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of ``AGENT_SESSIONS``."""

    check_id: str
    default: Any
    problem: Callable[[Any], Problem]


SETTINGS: dict[str, Setting] = {}


def register(name: str, *, check_id: str, default: Any, problem: Callable[[Any], Problem]) -> None:
    """Make ``name`` a key of ``AGENT_SESSIONS``; ``check_id`` is the system check that guards it."""
    SETTINGS[name] = Setting(check_id, default, problem)


def get(name: str) -> Any:
    """The value of ``AGENT_SESSIONS[name]``, or its default."""
    configured: Mapping[str, Any] = getattr(django_settings, "AGENT_SESSIONS", {})
    return configured.get(name, SETTINGS[name].default)


def one_of(*choices: Any) -> Callable[[Any], Problem]:
    return lambda value: None if value in choices else f"must be one of {', '.join(map(repr, choices))}"


def boolean(value: Any) -> Problem:
    return None if isinstance(value, bool) else "must be True or False"


def positive(value: Any) -> Problem:
    return None if type(value) is int and value > 0 else "must be a whole number above 0"


def count_of_seconds(value: Any) -> Problem:
    is_count = type(value) in {int, float} and value >= 0
    return None if is_count else "must be a number of seconds, 0 or above"


def positive_or_none(value: Any) -> Problem:
    return None if value is None else positive(value) and "must be None or a whole number above 0"


def list_of_text(value: Any) -> Problem:
    is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return None if is_list else "must be a list or tuple of strings"


def _database_ids(value: Any) -> Problem:
    if not isinstance(value, Mapping) or not value:
        return "must map at least one public database id to an alias of DATABASES"
    for public_id, alias in value.items():
        if not isinstance(public_id, str) or not public_id:
            return f"must have non-empty strings as keys, not {public_id!r}"
        if not isinstance(alias, str) or alias not in django_settings.DATABASES:
            return f"names the alias {alias!r}, which is not in DATABASES"
    return None


def _rate(value: Any) -> Problem:
    if value is None:
        return None
    number, slash, period = value.partition("/") if isinstance(value, str) else ("", "", "")
    is_rate = number.isdecimal() and int(number) and slash and period[:1] in {"s", "m", "h", "d"}
    return None if is_rate else "must be None or a rate such as '600/min'"


_FORMAT_METHODS = ("check", "read")
"""Of a message format, what cannot be done without."""


def _formats(value: Any) -> Problem:
    if not isinstance(value, Mapping):
        return "must map names of message formats to dotted paths of their classes"
    for name, path in value.items():
        try:
            found = import_string(path)
        except (ImportError, AttributeError, TypeError):
            return f"names {path!r} for the format {name!r}, which cannot be imported"
        if not (isinstance(found, type) and all(callable(getattr(found, method, None)) for method in _FORMAT_METHODS)):
            methods = " and ".join(_FORMAT_METHODS)
            return f"names {path!r} for the format {name!r}, which is no class with the methods {methods}"
    return None


register("DB_IDS", check_id="sessions_app.E003", default={"default": "default"}, problem=_database_ids)
register("MAX_PAGE_SIZE", check_id="sessions_app.E004", default=1000, problem=positive)
register("MAX_BODY_BYTES", check_id="sessions_app.E005", default=64 * 1024 * 1024, problem=positive)
register("THROTTLE_RATE", check_id="sessions_app.E006", default=None, problem=_rate)
register(
    "DEFAULT_SHARED_ACCESS", check_id="sessions_app.E007", default="read_only", problem=one_of("query", "read_only")
)
register("MESSAGE_FORMATS", check_id="sessions_app.E008", default={}, problem=_formats)
register("KEY_MEMORY_SECONDS", check_id="sessions_app.E011", default=5, problem=count_of_seconds)
register("COUNT_MEMORY_SECONDS", check_id="sessions_app.E012", default=5, problem=count_of_seconds)
