"""What an address says, whatever it says: a bad value counts as none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sessions_app.admin.addresses import whole_number
from sessions_app.text import storable

MAX_QUERY = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of a session, and how."""

    at: int | None = None
    after: int | None = None
    before: int | None = None
    run: int | None = None
    run_after: int | None = None
    query: str = ""
    with_history: bool = False
    is_print: bool = False

    @property
    def kept(self) -> dict[str, str]:
        """What stays when the reader goes to another part."""
        return {**({"q": self.query} if self.query else {}), **({"history": "1"} if self.with_history else {})}


def wish_of(given: Mapping[str, str]) -> Wish:
    """What a query string asks for."""
    return Wish(
        at=number(given.get("at")),
        after=number(given.get("after")),
        before=number(given.get("before")),
        run=number(given.get("run")),
        run_after=number(given.get("run_after")),
        query=storable(given.get("q", "")).strip()[:MAX_QUERY],
        with_history=given.get("history") == "1",
        is_print=given.get("print") == "1",
    )


def number(text: str | None) -> int | None:
    """A position or key; -1 stands for "from the start"."""
    return -1 if text == "-1" else whole_number(text)
