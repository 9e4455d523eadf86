"""The wires: one folder each, with the same file names in every one."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec


def load_settings() -> None:
    """Import every dialect's ``conf``, which registers the settings that it alone reads."""
    _load("conf")


def load_snippets() -> None:
    """Import every dialect's ``snippets``, which registers the first programs of its clients."""
    _load("snippets")


def load_ready() -> None:
    """Import every dialect's ``ready``, which registers the payloads that it shows as they lie."""
    _load("ready")


def _load(module: str) -> None:
    for dialect in pkgutil.iter_modules(__path__, f"{__name__}."):
        if dialect.ispkg and find_spec(f"{dialect.name}.{module}"):
            import_module(f"{dialect.name}.{module}")
