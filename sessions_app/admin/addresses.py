"""What addresses of the admin say."""

from __future__ import annotations

LAST = 2**63 - 1
"""No key and no position of a row is beyond it."""


def whole_number(text: str | None) -> int | None:
    """The key or position that an address names, ``LAST`` at most; None where it is no such number."""
    if not text or not text.isascii() or not text.isdigit():
        return None
    return min(int(text[:20]), LAST)
