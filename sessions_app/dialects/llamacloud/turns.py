"""One turn of a conversation: what the user says goes into the store before anybody answers."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from sessions_app import services
from sessions_app.dialects.llamacloud.events import Event, stop, user_input
from sessions_app.exceptions import InvalidValue
from sessions_app.models import APIKey, RunMetadata, Session
from sessions_app.services import NewMessage, rollups
from sessions_app.transactions import atomic_write

NO_AGENT = "No agent answers on this server: the message was recorded, but nothing was asked of a model."


@atomic_write
def take_turn(*, session: Session, key: APIKey, asked: dict[str, Any]) -> RunMetadata:
    """Record what the user says as a run of its own. Raises InvalidValue for indexes other than the session's."""
    locked = rollups.lock(session)
    index_ids = _searched(locked, asked["index_ids"])
    if locked.index_ids and not _same(index_ids, locked.index_ids):
        services.update_session(session=locked, index_ids=index_ids, is_locked=True)
    run, _ = services.record_run(
        session=locked,
        run_id=str(uuid.uuid4()),
        messages=[NewMessage({"role": "user", "content": asked["prompt"]})],
        user_id=key.user_id if key.is_bound else locked.user_id,
        status=RunMetadata.Status.ERROR,
        error=NO_AGENT,
        input=asked["prompt"],
        duration_ms=0.0,
        turns=0,
        is_locked=True,
        details={"index_ids": index_ids, "require_all_indexes": asked.get("require_all_indexes", False)},
    )
    return run


def turn_events(run: RunMetadata) -> Iterator[Event]:
    """The events of a turn, as they come."""
    yield user_input(run.input)
    yield stop(run)


def _searched(session: Session, asked: list[str]) -> list[str]:
    """The indexes of a turn. A bound session's are fixed once it has a message; an unbound one's come with each."""
    bound = session.index_ids
    if not bound:
        return asked
    if not asked or _same(asked, bound):
        return list(bound)
    if session.message_seq:
        message = "The session is bound to other indexes since its first message"
        raise InvalidValue(message, location=("index_ids",), code="indexes_locked")
    return asked


def _same(these: Collection[str], those: Collection[str]) -> bool:
    return set(these) == set(those)
