"""The contexts of the transcript's templates: the whole page, and the pieces that are added to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.http import urlencode

from sessions_app.admin.transcript import pieces
from sessions_app.admin.transcript.finding import COUNTED, Finder, Matches, Place
from sessions_app.admin.transcript.groups import Group, groups_at_the_end, groups_of
from sessions_app.admin.transcript.links import Links
from sessions_app.admin.transcript.parameters import Wish
from sessions_app.admin.transcript.pieces import Piece
from sessions_app.admin.transcript.runs import SIZE, TranscriptRuns
from sessions_app.admin.transcript.text import one_line
from sessions_app.models import Session

PRINTED = 2_000
"""Messages on a page for the printer."""


@dataclass(frozen=True, slots=True)
class Part:
    """Groups in a row, and what asks for those before and behind them ("" where there are none)."""

    groups: list[Group] = field(default_factory=list)
    before: str = ""
    after: str = ""
    first: int = -1
    last: int = -1


class Transcript:
    """One session as one reader asked for it."""

    def __init__(self, session: Session, links: Links, wish: Wish) -> None:
        self.session, self.links, self.wish = session, links, wish
        self.messages = pieces.messages_of(session.pk, with_history=wish.with_history)
        self.runs = TranscriptRuns(session.pk, with_history=wish.with_history, may_reveal=links.may_reveal)
        self.is_cut = False
        """Whether ``printed`` left something out."""
        self.finder = Finder(self.messages, self.runs)

    @cached_property
    def part(self) -> Part:
        """The part that was asked for; the start of the session where nothing was."""
        if self.wish.run_after is not None:
            return self._end(self.wish.run_after)
        return self._part(self._piece())

    def printed(self) -> Iterator[Part]:
        """All of the session, up to ``PRINTED`` messages."""
        position, left = -1, PRINTED
        while left > 0:
            piece = pieces.behind(self.messages, position, may_reveal=self.links.may_reveal)
            yield self._part(piece)
            position, left = piece.last, left - len(piece.messages)
            if not piece.has_after:
                return
        self.is_cut = True

    @cached_property
    def matches(self) -> Matches | None:
        """How often the session says what is looked for."""
        if not self.wish.query:
            return None
        return self.finder.matches(self.wish.query, -1 if self.wish.at is None else self.wish.at)

    def find(self, target: str, position: int | None, run_position: int | None) -> Place | None:
        """The place of a target such as "next-error", seen from a message or run."""
        return self.finder.find(target, position, run_position, self.wish.query)

    def found(self, place: Place | None) -> dict[str, Any]:
        """A place, and how many there are of what is looked for, for the page's scripts."""
        answer: dict[str, Any] = {}
        if place is not None:
            answer = {"anchor": place.anchor, "query": self._query(**place.query)}
        if self.wish.query:
            at = place.at if place is not None and place.at is not None else -1
            matches = self.finder.matches(self.wish.query, at)
            answer |= {"count": min(matches.count, COUNTED), "number": matches.number, "more": matches.has_more}
        return answer

    def address(self, place: Place) -> str:
        """The page at a place."""
        return f"{self.links.transcript}?{self._query(**place.query)}#{place.anchor}"

    @property
    def title(self) -> str:
        """The session's title as a heading can hold it."""
        return one_line(self.session.title or self.session.session_id, 200)

    @property
    def context(self) -> dict[str, Any]:
        """What every template of a transcript needs."""
        return {"transcript": self, "session": self.session, "links": self.links, "wish": self.wish}

    def _piece(self) -> Piece:
        wish, may_reveal = self.wish, self.links.may_reveal
        if wish.after is not None:
            return pieces.behind(self.messages, wish.after, may_reveal=may_reveal)
        if wish.before is not None:
            return pieces.before(self.messages, wish.before, may_reveal=may_reveal)
        if (at := self._place()) is not None:
            return pieces.around(self.messages, at, may_reveal=may_reveal)
        return pieces.behind(self.messages, -1, may_reveal=may_reveal)

    def _place(self) -> int | None:
        """The position that was asked for: by itself, by a run, or by the first match."""
        wish = self.wish
        if wish.at is not None:
            return wish.at
        if wish.run is not None and (run := self.runs.rows.filter(pk=wish.run).only("position").first()):
            return self.finder.place_of(run).at
        place = self.finder.find("next-match", None, None, wish.query) if wish.query else None
        return None if place is None else place.at

    def _part(self, piece: Piece) -> Part:
        groups = groups_of(piece, self.runs, self.links, self.wish.query)
        if piece.has_after:
            return self._framed(groups, piece, self._query(after=piece.last))
        end = self._end(-1)
        return self._framed([*groups, *end.groups], piece, end.after)

    def _framed(self, groups: list[Group], piece: Piece, after: str) -> Part:
        before = self._query(before=piece.first) if piece.has_before and piece.messages else ""
        return Part(groups, before, after, piece.first, piece.last)

    def _end(self, run_after: int) -> Part:
        found = self.runs.at_the_end(run_after)
        groups = groups_at_the_end(found[:SIZE], self.runs, self.links)
        more = self._query(run_after=found[SIZE - 1].position) if len(found) > SIZE else ""
        return Part(groups, after=more)

    def _query(self, **place: Any) -> str:
        return urlencode({**place, **self.wish.kept})
