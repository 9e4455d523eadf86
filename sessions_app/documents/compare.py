"""Whether a stored session says what a document says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import chain, zip_longest
from typing import Any

from sessions_app.documents import export, parse
from sessions_app.documents.parse import ParsedDocument, ParsedMessage
from sessions_app.documents.readers import read_object
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Session


def is_same(stored: Session, parsed: ParsedDocument) -> bool:
    """Whether the stored session says what the document says.

    What the document leaves to the clock may differ, and how it describes its agent: many sessions share that.
    """
    if (stored.message_count, stored.run_count) != (len(parsed.messages), len(parsed.runs)):
        return False
    nothing: dict[str, Any] = {}
    runs = zip_longest(_stored_runs(stored), parsed.runs, fillvalue=nothing)
    messages = zip_longest(_stored_messages(stored), map(_message_values, parsed.messages), fillvalue=nothing)
    try:
        return _agree(_stored_header(stored), parsed.header, ignored={"agent_name", "model"}) and all(
            _agree(ours, theirs, ignored={"agent_name"}) for ours, theirs in chain(runs, messages)
        )
    except InvalidValue:  # Something stored is of a kind that no document can hold.
        return False


def _stored_header(session: Session) -> dict[str, Any]:
    return parse.header_values(read_object(export.header_document(session), parse.HEADER))


def _stored_runs(session: Session) -> Iterator[dict[str, Any]]:
    for run in export.stored_runs(session):
        yield parse.run_values(read_object(export.run_document(run), parse.RUN))


def _stored_messages(session: Session) -> Iterator[dict[str, Any]]:
    for message in export.stored_messages(session):
        yield read_object(export.message_document(message), parse.ENVELOPE)


def _message_values(message: ParsedMessage) -> dict[str, Any]:
    return {name: getattr(message, name) for name in parse.ENVELOPE}


def _agree(ours: dict[str, Any], theirs: dict[str, Any], *, ignored: AbstractSet[str]) -> bool:
    unsaid = {key for key in ("created_at", "updated_at") if theirs.get(key) is None}
    keys = (ours.keys() | theirs.keys()) - ignored - unsaid
    return all(_equal(key, ours.get(key), theirs.get(key)) for key in keys)


def _numbers_as_floats(metadata: Any) -> Any:
    """PostgreSQL writes 1e23 out as a whole number."""
    return None if metadata is None else json.loads(json.dumps(metadata), parse_int=float)


def _equal(key: str, ours: Any, theirs: Any) -> bool:
    if key == "metadata":
        # A real JSON column: PostgreSQL keeps neither the order of its keys nor how a number was written.
        return bool(_numbers_as_floats(ours) == _numbers_as_floats(theirs))
    # As text, since to Python 1, 1.0 and true are equal, and the order of keys is nothing.
    return json.dumps(ours, default=str) == json.dumps(theirs, default=str)
