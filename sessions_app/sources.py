"""Stores of agent frameworks that sessions can be brought from, told apart by the scheme of their address.

Whoever can read such a store registers a source under a scheme: ``import_agent_sessions --from SCHEME://ADDRESS`` then
calls it with ``ADDRESS``. A scheme stands for a dotted path, so that a framework is imported only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.utils.module_loading import import_string

from sessions_app.exceptions import InvalidValue

SEPARATOR = "://"
_PATHS: dict[str, str] = {}


class Source(Protocol):
    """An opened store of another framework."""

    def __len__(self) -> int:
        """How many sessions it has, as far as it can tell."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Each session: its id, and its interchange document (see ``documents``).

        The order is the same each time, so that an interrupted import goes on where it stopped. A session that no
        document can say raises InvalidValue when its document is written, not here: the others still come.
        """


class Opener(Protocol):
    """Opens the store at an address, and closes it. Raises InvalidValue in a sentence for what it cannot open."""

    def __call__(self, address: str) -> AbstractContextManager[Source]: ...


def register(scheme: str, path: str) -> None:
    """Make ``SCHEME://...`` open with the ``Opener`` at this dotted path."""
    _PATHS[scheme] = path


def schemes() -> list[str]:
    return sorted(_PATHS)


def open_source(url: str) -> AbstractContextManager[Source]:
    """The store at ``SCHEME://ADDRESS``. Raises InvalidValue, and ImportError where the framework is not installed."""
    scheme, separator, address = url.partition(SEPARATOR)
    if not separator or scheme not in _PATHS:
        known = ", ".join(f"{name}{SEPARATOR}" for name in schemes())
        raise InvalidValue(f"Must begin with one of: {known}")
    opener: Opener = import_string(_PATHS[scheme])
    return opener(address)
