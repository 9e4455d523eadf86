"""The counts and sums that a session keeps of its rows, and the lock that keeps them true."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from sessions_app import statements
from sessions_app.exceptions import SessionNotFound
from sessions_app.models import Message, Project, RunMetadata, Session
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS, TOKEN_FIELDS
from sessions_app.prepared import Prepared
from sessions_app.querysets import SessionQuerySet
from sessions_app.text import as_text, is_storable, shorten, storable

_FOR_READERS = (
    *("name", "state", "metadata", "summary", "index_ids", "shared_access", "details"),
    *("parent", "branched_at", "created_at", "updated_at"),
)
"""Columns of a session, some of them large, that nothing follows from when it grows."""


def lock(session: Session) -> Session:
    """The session as it is now; nobody else changes it until this transaction ends. Raises SessionNotFound."""
    using = session._state.db or DEFAULT_DB_ALIAS
    _lock_file(using)
    found = _with_key(session.pk, _of_self(using), using=using)
    if not found:
        raise SessionNotFound(session.session_id)
    return found[0]


def lock_with_id(
    project: Project,
    session_id: str,
    user_id: str | None = None,
    *,
    to_append: bool = False,
    with_agent: bool = True,
) -> Session:
    """The project's session with this id, and of this user where one is named: look-up and ``lock`` in one.

    ``to_append`` reads no more than new runs and messages need; the rest is deferred. ``with_agent`` says that the
    session's agent will be asked for. Raises SessionNotFound.
    """
    using = project._state.db or DEFAULT_DB_ALIAS
    _lock_file(using)
    joined = ("agent",) if with_agent and _can_join(using) else ()
    deferred = _FOR_READERS if to_append else ()
    is_text = is_storable(session_id)
    found = _with_id(project.pk, session_id, user_id, _of_self(using), joined, deferred, using=using) if is_text else []
    if not found:
        raise SessionNotFound(session_id)
    session = found[0]
    statements.belong(session, "project", project)
    agent: Any = Session._meta.get_field("agent")
    if session.agent_id is not None and agent.get_cached_value(session, None) is None and agent.is_cached(session):
        # Somebody gave it this agent while we waited for the lock: PostgreSQL joins only what it had before.
        agent.delete_cached_value(session)
    return session


def lock_all(using: str, keys: Collection[int]) -> dict[int, int]:
    """Lock the sessions with these primary keys: those that are there, each with the key of its project."""
    _lock_file(using)
    rows = Session.objects.using(using).filter(pk__in=keys)
    return dict(rows.select_for_update(of=_of_self(using)).order_by("pk").values_list("pk", "project_id"))


def lock_session_of(row: Message | RunMetadata) -> Session:
    """The session of a run or message, locked. Raises SessionNotFound."""
    try:
        return lock(row.session)
    except Session.DoesNotExist as error:
        raise SessionNotFound from error


def apply(session: Session, *, added: Mapping[str, int], changed: Mapping[str, Any] | None = None) -> Session:
    """Add ``added`` to a locked session's columns by SQL arithmetic, set ``changed``, and mark it as changed."""
    statements.update(session, added=sums(added), changed=columns(changed or {}))
    return session


def sums(added: Mapping[str, int]) -> dict[str, int]:
    """What ``apply`` adds: also to the revision."""
    return {column: amount for column, amount in added.items() if amount} | {"revision": 1}


def columns(changed: Mapping[str, Any]) -> dict[str, Any]:
    """What ``apply`` sets: also the moment."""
    return {"updated_at": timezone.now(), **changed}


def opening(session: Session, messages: Iterable[Message], run: RunMetadata | None = None) -> dict[str, Any]:
    """The columns of a locked session that ``opening_words`` fills, where they are empty still."""
    words = opening_words(session, messages, run)
    return {column: text for column, text in words.items() if getattr(session, column) is None}


def opening_words(session: Session, messages: Iterable[Message], run: RunMetadata | None = None) -> dict[str, str]:
    """What the first user words say in the columns that show them, where new ``messages`` (or a new run's input) at
    the session's end hold them; else nothing.

    A run that another run started does not open a team's or workflow's session; a workflow opens with its input.
    """
    first = next((message.text for message in messages if _is_user_text(message)), None)
    title, opens = None if first is None else shorten(first), _opening_text(session, first, run)
    words = {"generated_title": title, "opening": opens}
    return {column: text for column, text in words.items() if text is not None}


def reopening(session: Session) -> dict[str, Any]:
    """What ``opening`` fills, from the rows: the first run that opens, or a message outside any run before it."""
    user_texts = Message.objects.using(session._state.db).filter(session=session, role="user").said().in_order()
    user_texts = user_texts.alias(length=Length("text")).filter(length__gt=0).defer("payload")
    runs = RunMetadata.objects.using(session._state.db).filter(session=session).in_order()
    if session.type != Session.Type.AGENT:
        runs = runs.filter(Q(parent_run_id=None) | Q(parent_run_id=""))
    run = runs.filter(Q(input__isnull=False) | Exists(user_texts.filter(run=OuterRef("pk")))).first()
    words = user_texts.filter(run=run).first()
    outside = user_texts.filter(run=None).first() if run else words
    if outside and (run is None or _is_before(outside, run)):
        opens: str | None = outside.text
    else:
        opens = _opening_text(session, words.text if words else None, run)
    first = user_texts.first()
    return {"generated_title": shorten(first.text) if first else None, "opening": opens}


def recount(session: Session) -> Session:
    """Compute a locked session's rollups from its rows, after rows went or changed."""
    runs = RunMetadata.objects.using(session._state.db).filter(session=session)
    messages = Message.objects.using(session._state.db).filter(session=session)
    run_totals = runs.aggregate(
        run_count=Count("pk"),
        error_count=Count("pk", filter=Q(is_error=True)),
        **{name: Coalesce(Sum(name), 0) for name in TOKEN_FIELDS},
    )
    outside = messages.filter(run=None).aggregate(**{name: Coalesce(Sum(name), 0) for name in MESSAGE_TOKEN_FIELDS})
    values: dict[str, Any] = {name: run_totals[name] + outside.get(name, 0) for name in run_totals}
    last = runs.order_by("-position").first()
    values |= {
        "message_count": messages.count(),
        "last_run_status": last.status if last else "",
        "last_finished_run": runs.finished().order_by("-position").first(),
    }
    return apply(session, added={}, changed=values | reopening(session))


def add_usage(*usages: Mapping[str, int]) -> dict[str, int]:
    """The sums of token counts by name."""
    return {name: sum(usage.get(name, 0) for usage in usages) for name in TOKEN_FIELDS}


def _lock_file(using: str) -> None:
    """SQLite locks its whole file, but unless told otherwise only from the first write on: one that changes nothing."""
    connection = connections[using]
    if connection.vendor == "sqlite" and getattr(connection, "transaction_mode", None) not in {
        "IMMEDIATE",
        "EXCLUSIVE",
    }:
        Session.objects.using(using).filter(pk=-1).update(revision=F("revision"))


def _can_join(using: str) -> bool:
    """Whether a locked row can be read with another one that is not locked."""
    features = connections[using].features
    return features.has_select_for_update_of or not features.has_select_for_update


def _of_self(using: str) -> tuple[str, ...]:
    return ("self",) if connections[using].features.has_select_for_update_of else ()


@Prepared
def _with_key(using: str, key: int, of: tuple[str, ...]) -> SessionQuerySet:
    return Session.objects.using(using).filter(pk=key).select_for_update(of=of).order_by()


@Prepared
def _with_id(
    using: str,
    project: int,
    session_id: str,
    user_id: str | None,
    of: tuple[str, ...],
    joined: tuple[str, ...],
    deferred: tuple[str, ...],
) -> SessionQuerySet:
    found = Session.objects.using(using).filter(project=project, session_id=session_id)
    wanted = found if user_id is None else found.filter(user_id=user_id)
    wanted = wanted.select_related(*joined) if joined else wanted
    return wanted.defer(*deferred).select_for_update(of=of).order_by()


def _is_user_text(message: Message) -> bool:
    return message.role == "user" and bool(message.text) and not message.from_history


def _is_before(message: Message, run: RunMetadata) -> bool:
    """Whether a message outside any run came before a run: by position, or by time where the run has no messages."""
    of_run = Message.objects.using(run._state.db).filter(run=run).in_order().values_list("position", flat=True).first()
    return message.created_at < run.created_at if of_run is None else message.position < of_run


def _opening_text(session: Session, first: str | None, run: RunMetadata | None) -> str | None:
    if run is not None and run.parent_run_id and session.type != Session.Type.AGENT:
        return None
    given = None if run is None or run.input is None else run.input
    if session.type == Session.Type.WORKFLOW and given is not None:
        return storable(as_text(given))
    if first is not None:
        return first
    return None if given is None else storable(as_text(given, indent=2))
