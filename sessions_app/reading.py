"""The two reads that most requests are: one session, and what was said in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from django.db import connections, router
from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, Concat, JSONArray

from sessions_app import exceptions, jsontext
from sessions_app.joined import JoinedTexts, can_join, split
from sessions_app.models import APIKey, Message, Session, Tag
from sessions_app.prepared import Prepared
from sessions_app.querysets import project_behind
from sessions_app.text import is_storable

MOST_JOINED = 300
"""Messages that come along with their session. Of more, each is a row: while Python reads the first ones, PostgreSQL
is still looking for the last.
"""


class Along(Protocol):
    """What should come along with a session, which saves a second statement and many rows. Equal ones are one query."""

    def joined(self, using: str, session: Any) -> JoinedTexts:
        """What hangs on ``session``, put together."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a wire shows of a conversation: its bit of ``Message.ready_for``, and the roles that it leaves out."""

    bit: int
    without_roles: tuple[str, ...] = ()

    def joined(self, using: str, session: Any) -> JoinedTexts:
        return JoinedTexts(_shown(using, session, self))


class Unready(NamedTuple):
    """A message that is not ready for a wire."""

    payload: Any
    format: str
    role: str
    created_at: datetime


def one_session(
    key: APIKey,
    session_id: str,
    *,
    using: str | None = None,
    user_id: str | None = None,
    joined: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    along: Along | None = None,
) -> Session:
    """The session with this id that the key may see, of ``user_id`` where given. Raises SessionNotFound.

    ``joined`` and ``only`` are what ``select_related`` and ``only`` take. What is wanted ``along`` PostgreSQL
    sends with a session that has not too many messages: see ``came_along``.
    """
    alias = using or router.db_for_read(Session)
    project = project_behind(key, alias)
    if project is None or not is_storable(session_id) or not is_storable(user_id or ""):
        raise exceptions.SessionNotFound(session_id)
    if not can_join(alias):
        along = None
    bound_to = key.user_id if key.is_bound else None
    found = _one_session(project.pk, session_id, bound_to, user_id, joined, only, along, using=alias)
    if not found:
        raise exceptions.SessionNotFound(session_id)
    return found[0]


def texts_of(session: Session, wanted: Wanted, text_of: Callable[[Unready], str]) -> list[str]:
    """The conversation as ``text_of`` writes each message: JSON. Payloads that are ready for the wire are such texts
    already, and are not read.
    """
    using = session._state.db or router.db_for_read(Message)
    joined = came_along(session)
    texts = [text for (text,) in _texts(session.pk, wanted, using=using)] if joined is None else split(joined)
    return as_written(texts, text_of, using)


def came_along(session: Session) -> str | None:
    """What ``one_session`` was asked to bring along, put together; None where it did not come. Handed out once."""
    joined: str | None = session.__dict__.pop("along", None)
    return joined


def text_for(is_ready: Q) -> Case:
    """Of a message that is ready the payload's text as it lies; before any other one's stands what else a wire wants to
    know of it, for ``as_written``.
    """
    payload = ExpressionWrapper(F("payload"), TextField())
    known = Cast(JSONArray("format", "role", "created_at"), TextField())
    return Case(When(is_ready, then=payload), default=Concat(known, payload))


def as_written(texts: list[str], text_of: Callable[[Unready], str], using: str) -> list[str]:
    """The texts that ``text_for`` gave, with those that are not ready as ``text_of`` writes them."""
    return [text if text[0] == "{" else text_of(_unready(text, using)) for text in texts]


def _unready(text: str, using: str) -> Unready:
    (format_, role, created), payload = jsontext.loads_two(text)
    moment = datetime.fromisoformat(created)
    # Databases that know no zones keep moments in the one that the site says they are in.
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=connections[using].timezone or UTC)
    return Unready(payload, format_, role, zoned)


def tags_of(session: Session) -> list[str]:
    """The names of a session's tags, in order."""
    return [name for (name,) in _tags(session.pk, using=session._state.db or router.db_for_read(Tag))]


@Prepared
def _one_session(
    using: str,
    project: int,
    session_id: str,
    bound_to: str | None,
    user_id: str | None,
    joined: tuple[str, ...],
    only: tuple[str, ...],
    along: Along | None,
) -> QuerySet[Session]:
    found = Session.objects.using(using).filter(project=project, session_id=session_id).order_by()
    for user in (bound_to, user_id):
        found = found if user is None else found.filter(user_id=user)
    found = found.select_related(*joined) if joined else found
    found = found.only(*only) if only else found
    if along is None:
        return found
    return found.annotate(along=Case(When(message_count__lte=MOST_JOINED, then=along.joined(using, OuterRef("pk")))))


@Prepared
def _tags(using: str, session: int) -> Any:
    return Tag.objects.using(using).filter(sessions=session).order_by("name").values_list("name")


@Prepared
def _texts(using: str, session: int, wanted: Wanted) -> Any:
    return _shown(using, session, wanted)


def _shown(using: str, session: Any, wanted: Wanted) -> Any:
    shown = Message.objects.using(using).conversation(session).exclude(role__in=wanted.without_roles)
    return shown.alias(ready=F("ready_for").bitand(wanted.bit)).values_list(text_for(Q(ready=wanted.bit)))
