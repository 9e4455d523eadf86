"""Documents of stored sessions as text: short ones many at a time, long ones in pieces, so that memory is enough."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import ExpressionWrapper, F, QuerySet, TextField

from sessions_app import jsontext
from sessions_app.documents.export import (
    for_documents,
    fresh,
    header_document,
    in_chunks,
    run_document,
    stored_runs,
    wrapping,
)
from sessions_app.models import Message, RunMetadata, Session
from sessions_app.querysets import SessionQuerySet

PORTION, PORTION_ROWS = 200, 1000
"""Sessions read together, and the runs and messages that they may have in all; who has more by itself is long."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def texts(sessions: SessionQuerySet) -> Iterator[Iterable[str]]:
    """The JSON text of each session's document, on one line, in pieces. By primary key: parents before branches.

    The pieces of a long session raise SessionNotFound before the first where it has gone meanwhile.
    """
    everything = Session.objects.using(sessions.db)
    for keys in _portions(sessions):
        found = for_documents(everything.filter(pk__in=keys)).order_by("pk")
        if len(keys) == 1:
            yield from map(pieces, found)
        else:
            yield from ((text,) for text in _together(sessions.db, list(found)))


def pieces(session: Session) -> Iterator[str]:
    """The JSON text of ``document_of(session)``, on one line, in pieces. Raises SessionNotFound before the first."""
    session = fresh(session)
    yield _text(header_document(session))[:-1]
    separator = ',"runs":['
    for run in stored_runs(session):
        yield separator + _text(run_document(run))
        separator = ","
    yield '],"messages":[' if separator == "," else ',"messages":['
    separator = ""
    messages = _as_they_lie(session._state.db, [session.pk]).filter(position__lt=session.message_seq)
    for message in in_chunks(messages, "position"):
        yield separator + _message_text(message)
        separator = ","
    yield "]}"


def _portions(sessions: SessionQuerySet) -> Iterator[list[int]]:
    """The primary keys of sessions that are read together; that of a long one stands alone."""
    keys: list[int] = []
    rows = 0
    for session in in_chunks(sessions.only("pk", "message_seq", "run_seq"), "pk"):
        size = session.message_seq + session.run_seq
        if keys and (len(keys) == PORTION or rows + size > PORTION_ROWS):
            yield keys
            keys, rows = [], 0
        keys.append(session.pk)
        rows += size
    if keys:
        yield keys


def _together(using: str, sessions: Sequence[Session]) -> Iterator[str]:
    """The texts of short sessions, with all their runs in one query, and all their messages in another."""
    run_texts, message_texts = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    ends = {session.pk: (session.run_seq, session.message_seq) for session in sessions}
    runs = RunMetadata.objects.using(using).filter(session__in=ends).prefetch_related("agent")
    for run in runs.order_by("session_id", "position"):
        if run.position < ends[run.session_id][0]:
            run_texts[run.session_id].append(_text(run_document(run)))
    for message in _as_they_lie(using, ends).order_by("session_id", "position"):
        if message.position < ends[message.session_id][1]:
            message_texts[message.session_id].append(_message_text(message))
    for session in sessions:
        said = f'"messages":[{",".join(message_texts[session.pk])}]}}'
        ran = f'"runs":[{",".join(run_texts[session.pk])}],' if session.pk in run_texts else ""
        yield f"{_text(header_document(session))[:-1]},{ran}{said}"


def _as_they_lie(using: str | None, sessions: Iterable[int]) -> QuerySet[Message]:
    """The messages of sessions, their payloads as the text that they are stored as: it need not be read and written."""
    messages = Message.objects.using(using).filter(session__in=sessions)
    wanted = messages.only("session_id", "position", "format", "created_at")
    return wanted.annotate(in_run=F("run__run_id"), text_of_payload=ExpressionWrapper(F("payload"), TextField()))


def _message_text(message: Message) -> str:
    payload, run_id = message.text_of_payload, message.in_run  # type: ignore[attr-defined]
    return f'{{"payload":{payload},{_text(wrapping(message, run_id))[1:]}'


def _text(value: Any) -> str:
    return jsontext.escape_surrogates(_COMPACT.encode(value))
