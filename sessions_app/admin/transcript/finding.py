"""Ways through a session: to its ends, to errors, tool calls, runs, and to what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from sessions_app.admin.addresses import LAST
from sessions_app.admin.pagination import bounded_count
from sessions_app.admin.transcript.runs import TranscriptRuns
from sessions_app.models import Message, RunMetadata
from sessions_app.querysets import MessageQuerySet

COUNTED = 1_000
"""Matches that are counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a transcript: what to ask for, and the element that is meant."""

    anchor: str
    at: int | None = None
    run_after: int | None = None

    @property
    def query(self) -> dict[str, int]:
        known = {"at": self.at, "run_after": self.run_after}
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Matches:
    """How many messages say what is looked for, and the number of the one in question; "more" where it is a bound."""

    count: int
    number: int

    limit: ClassVar[int] = COUNTED

    @property
    def has_more(self) -> bool:
        return self.count > COUNTED


class Finder:
    """Finds places, seen from the message at ``position`` (None: before all of them)."""

    def __init__(self, messages: MessageQuerySet, runs: TranscriptRuns) -> None:
        self.messages, self.runs = messages, runs

    def find(self, target: str, position: int | None, run_position: int | None, query: str) -> Place | None:
        """The place of a target such as "next-error"; None where there is none."""
        direction, _dash, kind = target.rpartition("-")
        forwards = direction != "previous"
        start = position if position is not None else -1 if forwards else LAST
        if kind == "start":
            return _message_place(self.messages.in_order())
        if kind == "end":
            return _message_place(self.messages.order_by("-position"))
        if kind == "tool":
            return _message_place(_from(self.messages.filter(role="tool"), start, forwards))
        if kind == "match" and query:
            return _message_place(_from(self.messages.filter(text__icontains=query), start, forwards))
        return self._error(start, run_position, forwards) if kind == "error" else None

    def place_of(self, run: RunMetadata) -> Place:
        """Where a run begins."""
        anchor = f"run-{run.position}"
        first = _first_of(self.messages.filter(run=run))
        if first is not None:
            return Place(anchor, at=first)
        if (follower := self._next_with_messages(run.position)) is not None:
            return Place(anchor, at=follower)
        return Place(anchor, run_after=run.position - 1)

    def matches(self, query: str, position: int) -> Matches:
        """The matches, and which of them is at ``position``."""
        found = self.messages.filter(text__icontains=query)
        return Matches(bounded_count(found, COUNTED), bounded_count(found.filter(position__lte=position), COUNTED))

    def _error(self, start: int, run_position: int | None, forwards: bool) -> Place | None:
        here = self._run_at(start) if run_position is None else run_position
        failed = self.runs.rows.filter(Q(is_error=True) | Q(status=RunMetadata.Status.ERROR))
        run = _from(failed, here, forwards).only("position").first()
        return None if run is None else self.place_of(run)

    def _run_at(self, position: int) -> int:
        """The position of the run that a message belongs to, or else of the one before it."""
        if position in {-1, LAST}:
            return position
        earlier = self.messages.filter(position__lte=position).exclude(run=None).order_by("-position")
        found = earlier.values_list("run__position", flat=True).first()
        return -1 if found is None else found

    def _next_with_messages(self, run_position: int) -> int | None:
        later = self.runs.with_messages().filter(position__gt=run_position).in_order().only("pk").first()
        return None if later is None else _first_of(self.messages.filter(run=later))


def _from(rows: Any, start: int, forwards: bool) -> Any:
    if forwards:
        return rows.filter(position__gt=start).order_by("position")
    return rows.filter(position__lt=start).order_by("-position")


def _first_of(rows: QuerySet[Message]) -> int | None:
    return rows.order_by("position").values_list("position", flat=True).first()


def _message_place(rows: QuerySet[Message]) -> Place | None:
    position = rows.values_list("position", flat=True).first()
    return None if position is None else Place(f"m-{position}", at=position)
