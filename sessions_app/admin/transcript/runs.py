"""The runs that messages belong to, and those that have none: what one message counter cannot order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from sessions_app.models import Message, RunMetadata
from sessions_app.querysets import MessageQuerySet, RunQuerySet

SIZE = 100
"""Runs without messages that are shown in one place."""
_UNSHOWN = ("details", "export_config_ids")
_WORDS = ("input", "content")


class TranscriptRuns:
    """The runs of one session, beside the messages that its transcript shows."""

    def __init__(self, session_pk: int, *, with_history: bool, may_reveal: bool) -> None:
        self.rows = RunMetadata.objects.filter(session=session_pk)
        self.with_history = with_history
        self.hidden = () if may_reveal else ("original",)

    def of(self, messages: Sequence[Message]) -> dict[int, RunMetadata]:
        """The runs of these messages by primary key, each with ``first`` (the position of its first message)."""
        keys = {message.run_id for message in messages if message.run_id is not None}
        first = self._messages_of_run().order_by("position").values("position")[:1]
        again = Message.objects.filter(run=OuterRef("pk"), from_history=True)
        found = self.rows.filter(pk__in=keys).select_related("agent").defer(*_UNSHOWN, *_WORDS, *self.hidden)
        rows: Any = found.annotate(first=Subquery(first), has_history=Exists(again))
        return {run.pk: run for run in rows}

    def without_messages(self, runs: Collection[Any]) -> list[RunMetadata]:
        """The runs without messages right before one of ``runs``, which have some; at most ``SIZE``."""
        if not runs:
            return []
        places = [run.position for run in runs]
        low = self.last_with_messages(before=min(places))
        return list(self._silent().filter(position__gt=low, position__lt=max(places))[:SIZE])

    def at_the_end(self, after: int = -1) -> list[RunMetadata]:
        """The runs behind the last one with messages and behind ``after``: ``SIZE``, and one if there are more."""
        low = max(after, self.last_with_messages())
        return list(self._silent().filter(position__gt=low)[: SIZE + 1])

    def last_with_messages(self, before: int | None = None) -> int:
        """The position of the last run that has messages; -1 where there is none."""
        rows = self.with_messages()
        rows = rows if before is None else rows.filter(position__lt=before)
        found = rows.order_by("-position").values_list("position", flat=True).first()
        return -1 if found is None else found

    def with_messages(self) -> RunQuerySet:
        return self.rows.filter(Exists(self._messages_of_run()))

    def parents_of(self, runs: Collection[RunMetadata]) -> dict[str, Any]:
        """The runs that started these, by run id."""
        wanted = {run.parent_run_id for run in runs if run.parent_run_id}
        found = self.rows.filter(run_id__in=wanted).select_related("agent")
        return {run.run_id: run for run in found.only("run_id", "parent_run_id", "position", "agent")}

    def _silent(self) -> QuerySet[RunMetadata]:
        rows = self.rows.filter(~Exists(self._messages_of_run())).in_order()
        return rows.select_related("agent").defer(*_UNSHOWN, *self.hidden)

    def _messages_of_run(self) -> MessageQuerySet:
        rows = Message.objects.filter(run=OuterRef("pk")).order_by()
        return rows if self.with_history else rows.said()
