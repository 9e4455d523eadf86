"""A piece as its page shows it: messages as bubbles, in groups by the run that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sessions_app.admin import moments
from sessions_app.admin.transcript.bubbles import Bubble, Bubbles
from sessions_app.admin.transcript.heads import RunHead, run_head
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.pieces import Piece
from sessions_app.admin.transcript.runs import TranscriptRuns
from sessions_app.models import Message, RunMetadata


@dataclass(slots=True)
class Group:
    """Messages in a row that belong to one run, or to none."""

    run: RunHead | None
    day: str = ""
    bubbles: list[Bubble] = field(default_factory=list)


def groups_of(piece: Piece, runs: TranscriptRuns, links: Links, query: str = "") -> list[Group]:
    """The groups of a piece: with the runs that have no messages, each before the run that came after it."""
    known = runs.of(piece.messages)
    begun = [run for run in known.values() if _begins_in(piece, run)]
    silent = runs.without_messages(begun)
    parents = runs.parents_of([*known.values(), *silent])
    bubbles = Bubbles(links, query)
    groups: list[Group] = []
    for run_pk, messages in _rows_by_run(piece.messages):
        run = known.get(run_pk) if run_pk else None
        if run is not None and run in begun and messages[0].position == run.first:  # type: ignore[attr-defined]
            groups += [Group(run_head(other, parents, links, has_words=True)) for other in _taken(silent, run)]
        head = run_head(run, parents, links, is_begun=messages[0].position == run.first) if run else None  # type: ignore[attr-defined]
        groups.append(Group(head, bubbles=bubbles.of(messages)))
    _mark_days(groups)
    return groups


def groups_at_the_end(rows: Sequence[RunMetadata], runs: TranscriptRuns, links: Links) -> list[Group]:
    """Runs without messages, behind all messages."""
    parents = runs.parents_of(rows)
    return [Group(run_head(run, parents, links, has_words=True)) for run in rows]


def _begins_in(piece: Piece, run: Any) -> bool:
    return run.first is not None and piece.first <= run.first <= piece.last


def _taken(silent: list[RunMetadata], run: RunMetadata) -> list[RunMetadata]:
    """The runs before ``run``, taken away from ``silent``."""
    earlier = [other for other in silent if other.position < run.position]
    silent[:] = silent[len(earlier) :]
    return earlier


def _rows_by_run(messages: Sequence[Message]) -> Iterator[tuple[int | None, list[Message]]]:
    row: list[Message] = []
    for message in messages:
        if row and message.run_id != row[0].run_id:
            yield row[0].run_id, row
            row = []
        row.append(message)
    if row:
        yield row[0].run_id, row


def _mark_days(groups: list[Group]) -> None:
    """Say at its first bubble which day it is."""
    last = ""
    for group in groups:
        for bubble in group.bubbles:
            today = moments.day(bubble.created_at)
            if today != last:
                if bubble is group.bubbles[0]:
                    group.day = today
                else:
                    bubble.day = today
                last = today
