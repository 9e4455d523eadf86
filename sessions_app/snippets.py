"""First programs for each client, as each wire tells them, filled in for a key and the site that it opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

URL, KEY = "@URL@", "@KEY@"
"""What stands in a program for the base URL, which has no final slash, and for the key."""


@dataclass(frozen=True, slots=True)
class Program:
    """A client's first steps: ``write`` for keys that may write, ``read`` for the others."""

    client: str
    install: str
    read: str
    write: str

    def code(self, *, url: str, key: str, can_write: bool) -> str:
        """The program for this site and key."""
        return (self.write if can_write else self.read).replace(URL, url).replace(KEY, key)


@dataclass(frozen=True, slots=True)
class Wire:
    """The programs of one dialect. ``route`` names the URL by which its base is found, which ends in ``path``."""

    title: Any
    route: str
    path: str
    programs: tuple[Program, ...]
    rank: int = 1
    """Where it stands among the others: lower comes first."""

    def base(self) -> str | None:
        """The path that the site serves this wire under, without a final slash; None where it does not."""
        try:
            return reverse(self.route).removesuffix(self.path).rstrip("/")
        except NoReverseMatch:
            return None


WIRES: list[Wire] = []


def register(wire: Wire) -> None:
    """Show the programs of ``wire`` with new keys, on sites that include its URLs."""
    WIRES.append(wire)


def served() -> Iterator[tuple[Wire, str]]:
    """The wires that this site includes, each with its base."""
    for wire in sorted(WIRES, key=lambda wire: wire.rank):
        if (base := wire.base()) is not None:
            yield wire, base
