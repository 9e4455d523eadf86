"""The two reads that most requests are: one session, and what was said in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import Case, ExpressionWrapper, F, OuterRef, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, Concat, JSONArray

from sessions_app import exceptions, jsontext
from sessions_app.joined import JoinedTexts, can_join, split
from sessions_app.models import APIKey, Message, Session
from sessions_app.prepared import Prepared
from sessions_app.querysets import project_behind
from sessions_app.text import is_storable

MOST_JOINED = 300
"""Messages that come along with their session. Of more, each is a row: while Python reads the first ones, PostgreSQL
is still looking for the last.
"""


class Wanted(NamedTuple):
    """What a wire shows of a conversation: its bit of ``Message.ready_for``, and the roles that it leaves out."""

    bit: int
    without_roles: tuple[str, ...] = ()


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
    texts: Wanted | None = None,
) -> Session:
    """The session with this id that the key may see, of ``user_id`` where given. Raises SessionNotFound.

    ``joined`` and ``only`` are what ``select_related`` and ``only`` take. ``texts`` are those that ``texts_of`` will be
    asked for: where they are not many PostgreSQL sends them along, which saves a second statement and many rows.
    """
    alias = using or router.db_for_read(Session)
    project = project_behind(key, alias)
    if project is None or not is_storable(session_id) or not is_storable(user_id or ""):
        raise exceptions.SessionNotFound(session_id)
    if texts is not None and not can_join(alias):
        texts = None
    bound_to = key.user_id if key.is_bound else None
    found = _one_session(project.pk, session_id, bound_to, user_id, joined, only, texts, using=alias)
    if not found:
        raise exceptions.SessionNotFound(session_id)
    return found[0]


def texts_of(session: Session, wanted: Wanted, text_of: Callable[[Unready], str]) -> list[str]:
    """The conversation as ``text_of`` writes each message: JSON. Payloads that are ready for the wire are such texts
    already, and are not read.
    """
    using = session._state.db or router.db_for_read(Message)
    joined = session.__dict__.pop("texts", None)
    texts = [text for (text,) in _texts(session.pk, wanted, using=using)] if joined is None else split(joined)
    return as_written(texts, text_of, using)


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


@Prepared
def _one_session(
    using: str,
    project: int,
    session_id: str,
    bound_to: str | None,
    user_id: str | None,
    joined: tuple[str, ...],
    only: tuple[str, ...],
    texts: Wanted | None,
) -> QuerySet[Session]:
    found = Session.objects.using(using).filter(project=project, session_id=session_id).order_by()
    for user in (bound_to, user_id):
        found = found if user is None else found.filter(user_id=user)
    found = found.select_related(*joined) if joined else found
    found = found.only(*only) if only else found
    if texts is None:
        return found
    joined_texts = JoinedTexts(_shown(using, OuterRef("pk"), texts))
    return found.annotate(texts=Case(When(message_count__lte=MOST_JOINED, then=joined_texts)))


@Prepared
def _texts(using: str, session: int, wanted: Wanted) -> Any:
    return _shown(using, session, wanted)


def _shown(using: str, session: Any, wanted: Wanted) -> Any:
    shown = Message.objects.using(using).conversation(session).exclude(role__in=wanted.without_roles)
    return shown.alias(ready=F("ready_for").bitand(wanted.bit)).values_list(text_for(Q(ready=wanted.bit)))
