"""Words taken out of sight: in every place that anybody reads, and kept only as originals.

A message or run is hidden where ``redacted_at`` says so. Its words are then looked for in the whole session, and taken
out of runs and other messages that repeat them; those have an ``original`` but no ``redacted_at``. What everybody reads
follows from the originals and from what is hidden (``refresh``), so hiding and restoring work in any order.

- A hidden message is not changed by anybody (Redacted): a client that writes it back, from a copy of its own, would
  bring the words back unnoticed.
- A hidden run goes on: status and costs are changed as ever, and whatever words are written to it stay hidden.
- Deleting something hidden also deletes its words from the originals of whatever repeats them.
- What is written to other places later is new: it is not compared with what was hidden before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from sessions_app import formats, ready
from sessions_app.exceptions import InvalidValue, MessageNotFound, Redacted, RunNotFound
from sessions_app.formats.canonical import HIDDEN
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.services import rollups
from sessions_app.services.words import Words
from sessions_app.transactions import atomic_write

SESSION_COLUMNS = ("name", "summary", "state", "metadata", "details")
"""What people and agents wrote of a session as a whole: never changed here, since nobody could tell what is left."""
CHUNK = 500
_GIVEN_ROLES = {"system", "developer"}


@atomic_write
def redact_message(*, message: Message) -> list[str]:
    """Hide a message. Gives the columns of the session that still hold its words. Raises MessageNotFound, InvalidValue.

    Done twice it changes nothing.
    """
    session = rollups.lock_session_of(message)
    rows = Message.objects.using(session._state.db).filter(pk=message.pk)
    if not rows.exists():
        raise MessageNotFound(message.position)
    if rows.filter(redacted_at=None).update(redacted_at=timezone.now()):
        refresh(session)
    message.refresh_from_db()
    return leftovers(session)


@atomic_write
def restore_message(*, message: Message) -> None:
    """Show a hidden message again. Raises MessageNotFound, and Redacted where its run is hidden: restore that."""
    session = rollups.lock_session_of(message)
    row = Message.objects.using(session._state.db).filter(pk=message.pk).select_related("run").first()
    if row is None:
        raise MessageNotFound(message.position)
    if row.is_redacted:
        if row.run and row.run.is_redacted:
            raise Redacted("The message is hidden with its run")
        Message.objects.using(session._state.db).filter(pk=row.pk).update(redacted_at=None)
        refresh(session)
    message.refresh_from_db()


@atomic_write
def redact_run(*, run: RunMetadata) -> list[str]:
    """Hide a run with its messages; runs that it started stay. As ``redact_message``; raises RunNotFound."""
    session = rollups.lock_session_of(run)
    rows = RunMetadata.objects.using(session._state.db).filter(pk=run.pk)
    if not rows.exists():
        raise RunNotFound(run.run_id)
    if rows.filter(redacted_at=None).update(redacted_at=timezone.now()):
        refresh(session)
    run.refresh_from_db()
    return leftovers(session)


@atomic_write
def restore_run(*, run: RunMetadata) -> None:
    """Show a hidden run again, with those of its messages that were not hidden before it. Raises RunNotFound."""
    session = rollups.lock_session_of(run)
    row = RunMetadata.objects.using(session._state.db).filter(pk=run.pk).first()
    if row is None:
        raise RunNotFound(run.run_id)
    if row.is_redacted:
        _messages(session).filter(run=row, redacted_at__gte=row.redacted_at).update(redacted_at=None)
        _runs(session).filter(pk=row.pk).update(redacted_at=None)
        refresh(session)
    run.refresh_from_db()


@atomic_write
def rehide(*, session: Session) -> None:
    """Hide what rows written since repeat of what is hidden in the session. Raises SessionNotFound.

    For writers that send again what they remember.
    """
    locked = rollups.lock(session)
    hidden = {"redacted_at__isnull": False}
    if _messages(locked).filter(**hidden).exists() or _runs(locked).filter(**hidden).exists():
        refresh(locked)


def refresh(session: Session) -> None:
    """Make all rows of a locked session show what they may, and its rollups follow."""
    for run, moment in _runs(session).filter(redacted_at__isnull=False).values_list("pk", "redacted_at"):
        _messages(session).filter(run=run, redacted_at=None).update(redacted_at=moment)
    words = hidden_words(session)
    _show(session, words, only_hidden=not words)
    rollups.recount(session)


def forget(session: Session, words: Words) -> None:
    """Delete words from the originals of a locked session, for good."""
    for message in _in_chunks(_messages(session).filter(original__isnull=False)):
        original = words.scrub(message.original)
        if original is not message.original:
            _messages(session).filter(pk=message.pk).update(original=original)
    for run in _in_chunks(_runs(session).filter(original__isnull=False)):
        original = words.scrub(run.original)
        if original is not run.original:
            _runs(session).filter(pk=run.pk).update(original=original)


def leftovers(session: Session) -> list[str]:
    """The columns of a session that hold words which are hidden in its rows."""
    words = hidden_words(session)
    values = {column: getattr(session, column) for column in SESSION_COLUMNS}
    return [column for column, value in values.items() if words.scrub(value) is not value]


def hidden_words(session: Session) -> Words:
    """What is hidden in a session."""
    return words_of(
        _messages(session).filter(redacted_at__isnull=False), _runs(session).filter(redacted_at__isnull=False)
    )


def words_of(messages: QuerySet[Message], runs: QuerySet[RunMetadata]) -> Words:
    """The words of hidden messages and runs.

    Of messages that are hidden only because their run is, those that it was merely given (earlier messages, system
    prompts) do not count: other runs were given the same.
    """
    words = Words()
    for message in _in_chunks(messages.select_related("run")):
        is_alone = message.run is None or not message.run.is_redacted or message.redacted_at < message.run.redacted_at
        if is_alone or not (message.from_history or message.role in _GIVEN_ROLES):
            words.add_message(formats.read(message.unredacted, message.format))
    for run in runs:
        said = run.unredacted
        words.add(said["input"])
        words.add(said["content"])
    return words


def _show(session: Session, words: Words, *, only_hidden: bool) -> None:
    messages, runs = _messages(session), _runs(session)
    if only_hidden:  # Or hidden until now.
        messages, runs = messages.filter(original__isnull=False), runs.filter(original__isnull=False)
    for message in _in_chunks(messages):
        payload = message.unredacted
        shown = _shown_payload(message, payload, words)
        if shown is not payload or message.original is not None:
            columns = ready.columns(shown, message.format, formats.read(shown, message.format))
            original = None if shown is payload else payload
            _messages(session).filter(pk=message.pk).update(payload=shown, original=original, **columns)
    for run in _in_chunks(runs):
        said = run.unredacted
        shown = _hide_all(said) if run.is_redacted else {column: words.scrub(value) for column, value in said.items()}
        kept = {column: value for column, value in said.items() if shown[column] is not value}
        if kept or run.original is not None:
            original = kept if kept or run.is_redacted else None
            _runs(session).filter(pk=run.pk).update(**shown, original=original)


def _shown_payload(message: Message, payload: Any, words: Words) -> Any:
    if message.is_redacted:
        return formats.redacted(payload, message.format)
    shown = words.scrub(payload, also_short=message.from_history)
    if shown is not payload:
        try:
            formats.get(message.format).check(shown)
        except InvalidValue:
            return formats.redacted(payload, message.format)
    return shown


def _hide_all(said: dict[str, Any]) -> dict[str, Any]:
    """A hidden run's columns. Nothing of its details stays: no key there is known to be without words."""
    hidden = {column: None if value is None else HIDDEN for column, value in said.items()}
    return {**hidden, "details": None}


def _messages(session: Session) -> QuerySet[Message]:
    return Message.objects.using(session._state.db).filter(session=session)


def _runs(session: Session) -> QuerySet[RunMetadata]:
    return RunMetadata.objects.using(session._state.db).filter(session=session)


def _in_chunks(rows: QuerySet[Any]) -> Iterator[Any]:
    start = 0
    while page := list(rows.filter(position__gte=start).order_by("position")[:CHUNK]):
        yield from page
        start = page[-1].position + 1
