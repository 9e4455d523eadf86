"""Sessions: made, changed and deleted with all that hangs on them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions_app import jsontext
from sessions_app.exceptions import InvalidValue, RevisionConflict, SessionExists
from sessions_app.models import Agent, Message, Project, RunMetadata, Session, Tag
from sessions_app.models.sessions import MAX_TAG_LENGTH
from sessions_app.querysets import SessionQuerySet
from sessions_app.services import rollups
from sessions_app.statements import new_row
from sessions_app.text import MAX_IDENTIFIER_LENGTH, check_choice, check_identifier, check_text
from sessions_app.transactions import atomic_write

_TYPES, _SHARED_ACCESS = tuple(Session.Type.values), tuple(Session.SharedAccess.values)
CHUNK = 500
"""Sessions deleted by one statement: SQLite takes a limited number of parameters."""


class SessionFields(TypedDict, total=False):
    """What a session may say of itself."""

    agent: Agent | None
    user_id: str | None
    name: str | None
    state: Any
    metadata: Any
    summary: Any
    tags: Collection[str]
    index_ids: list[str] | None
    shared_access: str
    details: Any
    parent: Session | None
    branched_at: int | None
    created_at: datetime
    updated_at: datetime


@atomic_write
def create_session(
    *, project: Project, session_id: str | None = None, type: str = Session.Type.AGENT, **fields: Unpack[SessionFields]
) -> Session:
    """A new session; without ``session_id`` it gets a UUID. Raises SessionExists, InvalidValue."""
    tags = fields.pop("tags", ())
    session = build_session_row(project, session_id or str(uuid.uuid4()), type, fields)
    try:
        with transaction.atomic(using=project._state.db):
            session.save(using=project._state.db, force_insert=True)
    except IntegrityError as error:
        if Session.objects.using(project._state.db).filter(project=project, session_id=session.session_id).exists():
            raise SessionExists(session.session_id) from error
        raise
    _set_tags(session, tags)
    return session


def get_or_create_session(
    *, project: Project, session_id: str, type: str = Session.Type.AGENT, **fields: Unpack[SessionFields]
) -> tuple[Session, bool]:
    """The session with this id as it is, or a new one: ``(session, created)``."""
    check_identifier(session_id, "session_id")
    sessions = Session.objects.using(project._state.db).filter(project=project, session_id=session_id)
    if found := sessions.order_by().first():
        return found, False
    try:
        return create_session(project=project, session_id=session_id, type=type, **fields), True
    except SessionExists:
        return sessions.with_id(session_id), False


@atomic_write
def update_session(
    *,
    session: Session,
    expected_revision: int | None = None,
    is_locked: bool = False,
    **fields: Unpack[SessionFields],
) -> Session:
    """Change the given fields and no others. Raises RevisionConflict, SessionNotFound, InvalidValue.

    With ``expected_revision`` nothing is changed unless the session still has it. With ``is_locked``, as for
    ``record_run``, ``session`` itself is given back; else it is read ``for_reading``.
    """
    tags = fields.pop("tags", None)
    locked = session if is_locked else rollups.lock(session)
    if expected_revision is not None and locked.revision != expected_revision:
        raise RevisionConflict(session.session_id)
    values = _checked(fields)
    values["updated_at"] = values.get("updated_at") or timezone.now()
    rollups.apply(locked, added={}, changed=values)
    if tags is not None:
        _set_tags(locked, tags)
    return locked if is_locked else Session.objects.using(locked._state.db).for_reading().get(pk=locked.pk)


@atomic_write
def delete_sessions(*, sessions: SessionQuerySet) -> int:
    """Delete sessions with their runs and messages; branches of them stay. Gives how many went."""
    keys = list(sessions.order_by("pk").values_list("pk", flat=True))
    return sum(_delete(sessions.db, keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK))


@atomic_write
def clear_session(*, session: Session) -> None:
    """Delete what was said in a session, and its runs; what is known of it as a whole stays. Raises SessionNotFound."""
    rollups.lock(session)
    for model in (Message, RunMetadata):
        model._default_manager.using(session._state.db).filter(session=session).delete()
    rollups.recount(session)


def build_session_row(project: Project, session_id: str, type: str, fields: SessionFields) -> Session:
    """The row of a new session, ``fields`` without tags. Raises InvalidValue."""
    created_at = fields.get("created_at") or timezone.now()
    moments = {"created_at": created_at, "updated_at": fields.get("updated_at") or created_at}
    identifier = check_identifier(session_id, "session_id")
    check_choice(type, "type", _TYPES)
    session = new_row(Session, session_id=identifier, type=type)
    for name, value in {"project": project, **_checked(fields), **moments}.items():
        setattr(session, name, value)
    return session


def check_tags(names: Iterable[str]) -> list[str]:
    """The names of tags, each once. Raises InvalidValue for what cannot be one."""
    return [check_identifier(name, "tags", MAX_TAG_LENGTH) for name in dict.fromkeys(names)]


def _delete(using: str, keys: list[int]) -> int:
    rows = Session.objects.using(using).filter(pk__in=keys)
    rows.update(last_finished_run=None)  # Also locks the sessions, so that nobody appends to them now.
    Message.objects.using(using).filter(session__in=keys).delete()
    RunMetadata.objects.using(using).filter(session__in=keys).delete()
    return rows.delete()[1].get(Session._meta.label, 0)


def _checked(fields: SessionFields) -> dict[str, Any]:
    values: dict[str, Any] = dict(fields)
    for column, limit in (("user_id", MAX_IDENTIFIER_LENGTH), ("name", None)):
        if values.get(column):
            check_text(values[column], column, limit)
    if values.get("shared_access"):
        check_choice(values["shared_access"], "shared_access", _SHARED_ACCESS)
    for column, check in _JSON_COLUMNS.items():
        if values.get(column) is not None:
            try:
                check(values[column])
            except InvalidValue as error:
                raise error.within(column) from error
    return values


_JSON_COLUMNS = {
    "state": jsontext.dumps,
    "summary": jsontext.dumps,
    "details": jsontext.dumps,
    "metadata": jsontext.filterable,
    "index_ids": jsontext.filterable,
}


def _set_tags(session: Session, names: Iterable[str]) -> None:
    tags = Tag.objects.using(session._state.db)
    session.tags.set([tags.get_or_create(project=session.project, name=name)[0] for name in check_tags(names)])
