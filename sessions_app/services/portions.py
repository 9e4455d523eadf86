"""Whole sessions, hundreds at once: few statements, and the rollups that writing them one by one would give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from sessions_app.exceptions import InvalidValue
from sessions_app.models import Message, Project, RunMetadata, Session, Tag
from sessions_app.models.usage import MESSAGE_TOKEN_FIELDS, TOKEN_FIELDS
from sessions_app.services import rollups
from sessions_app.services.messages import NewMessage
from sessions_app.services.runfields import RunFields
from sessions_app.services.runs import build_rows, build_run
from sessions_app.services.sessions import SessionFields, build_session_row, check_tags
from sessions_app.statements import insert_many
from sessions_app.text import check_identifier
from sessions_app.transactions import atomic_write


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session on its way into the store, with all that it holds.

    ``runs`` are ids with what each run says of itself. ``messages`` stand in the order in which they were said, each
    with the place of its run in ``runs``; None is a message outside any run.
    """

    session_id: str
    type: str
    fields: SessionFields
    runs: Sequence[tuple[str, RunFields]]
    messages: Sequence[tuple[NewMessage, int | None]]


@dataclass(frozen=True, slots=True)
class BuiltSession:
    """The rows of a session, which know each other but no keys yet."""

    session: Session
    tags: list[str]
    runs: list[RunMetadata]
    messages: list[Message]
    run_of: list[int | None]
    """For each message the place of its run."""

    @property
    def goes_back(self) -> bool:
        """Whether a message joins a run that others followed: then what opened the session is read from the rows."""
        turns = [place for place, _ in groupby(self.run_of) if place is not None]
        return len(turns) != len(set(turns)) or turns != sorted(turns)


def build_session(project: Project, new: NewSession) -> BuiltSession:
    """The rows of a new session. Raises InvalidValue, for runs at ``("runs", i)``, for messages ``("messages", i)``."""
    fields = new.fields.copy()
    tags = check_tags(fields.pop("tags", ()))
    session = build_session_row(project, new.session_id, new.type, fields)
    messages = build_rows([message for message, _ in new.messages])
    run_of = [place for _, place in new.messages]
    said = defaultdict[int | None, list[Message]](list)
    for message, place in zip(messages, run_of, strict=True):
        said[place].append(message)
    runs = [_build_run(session, index, *each, said[index]) for index, each in enumerate(new.runs)]
    built = BuiltSession(session, tags, runs, messages, run_of)
    _roll_up(built, said[None])
    if "updated_at" not in fields and (tags or runs or messages):
        session.updated_at = timezone.now()
    return built


@atomic_write
def insert_sessions(*, project: Project, built: Sequence[BuiltSession]) -> None:
    """Insert sessions; afterwards their rows know their keys. A session row that has a primary key keeps it.

    Parents are stored already, or among them. Raises IntegrityError where the project has one of them.
    """
    if not built:
        return
    using = project._state.db or DEFAULT_DB_ALIAS
    sessions = [each.session for each in built]
    _insert_sessions(using, project, sessions)
    _insert_runs(using, built)
    _insert_messages(using, built)
    _set_tags(using, project, built)
    rows = Session.objects.using(using).filter(pk__in=[session.pk for session in sessions])
    last = RunMetadata.objects.using(using).filter(session=OuterRef("pk")).finished().order_by("-position")
    rows.filter(run_count__gt=0).update(last_finished_run=Subquery(last.values("pk")[:1]))
    for each in built:
        if each.goes_back:
            rows.filter(pk=each.session.pk).update(**rollups.reopening(each.session))


def _build_run(
    session: Session, index: int, run_id: str, fields: RunFields, messages: Sequence[Message]
) -> RunMetadata:
    try:
        return build_run(session, check_identifier(run_id, "run_id"), index, fields, messages)
    except InvalidValue as error:
        raise error.within("runs", index) from error


def _roll_up(built: BuiltSession, outside: Sequence[Message]) -> None:
    session, runs = built.session, built.runs
    session.message_seq = session.message_count = len(built.messages)
    session.run_seq = session.run_count = len(runs)
    session.error_count = sum(run.is_error for run in runs)
    session.last_run_status = runs[-1].status if runs else ""
    for name in TOKEN_FIELDS:
        setattr(session, name, sum(getattr(run, name) for run in runs))
    for name in MESSAGE_TOKEN_FIELDS if outside else ():
        setattr(session, name, getattr(session, name) + sum(getattr(message, name) for message in outside))
    for run, said in _turns(built):
        for column, words in rollups.opening_words(session, said, run).items():
            if getattr(session, column) is None:
                setattr(session, column, words)


def _turns(built: BuiltSession) -> Iterator[tuple[RunMetadata | None, list[Message]]]:
    """What was written one after the other: messages outside any run, and each run with its first messages."""
    recorded = 0
    pairs = zip(built.run_of, built.messages, strict=True)
    for place, group in groupby(pairs, key=lambda pair: pair[0]):
        said = [message for _, message in group]
        if place is None:
            yield None, said
        elif place >= recorded:
            yield from ((run, []) for run in built.runs[recorded:place])
            yield built.runs[place], said
            recorded = place + 1
    yield from ((run, []) for run in built.runs[recorded:])


def _insert_sessions(using: str, project: Project, sessions: Sequence[Session]) -> None:
    """Insert session rows in their order. A parent among them is set at last: before, there may be none, or no key."""
    among = {id(session) for session in sessions} | {session.pk for session in sessions if session.pk is not None}
    branches = [
        (session, session.parent)
        for session in sessions
        if session.parent is not None and not among.isdisjoint((id(session.parent), session.parent.pk))
    ]
    for session, _ in branches:
        session.parent = None
    insert_many([session for session in sessions if session.pk is not None], using=using)
    insert_many([session for session in sessions if session.pk is None], using=using)
    rows = Session.objects.using(using).filter(project=project)
    wanted = [session.session_id for session in sessions]
    keys = dict(rows.filter(session_id__in=wanted).order_by().values_list("session_id", "pk"))
    for session in sessions:
        session.pk = keys[session.session_id]
        session._state.db, session._state.adding = using, False
    for session, parent in branches:
        session.parent = parent
    if branches:
        rows.bulk_update([session for session, _ in branches], ["parent"])


def _insert_runs(using: str, built: Sequence[BuiltSession]) -> None:
    runs = [run for each in built for run in each.runs]
    for each in built:
        for run in each.runs:
            run.session_id = each.session.pk
    insert_many(runs, using=using)
    stored = RunMetadata.objects.using(using).filter(session__in=[each.session.pk for each in built if each.runs])
    rows = stored.order_by().values_list("session_id", "position", "pk") if runs else ()
    keys = {(session, position): key for session, position, key in rows}
    for run in runs:
        run.pk = keys[run.session_id, run.position]


def _insert_messages(using: str, built: Sequence[BuiltSession]) -> None:
    for each in built:
        for position, (message, place) in enumerate(zip(each.messages, each.run_of, strict=True)):
            message.session_id, message.position = each.session.pk, position
            message.run_id = None if place is None else each.runs[place].pk
    insert_many([message for each in built for message in each.messages], using=using)


def _set_tags(using: str, project: Project, built: Sequence[BuiltSession]) -> None:
    names = {name for each in built for name in each.tags}
    if not names:
        return
    tags = Tag.objects.using(using).filter(project=project)
    keys = dict(tags.filter(name__in=names).values_list("name", "pk"))
    for name in sorted(names - keys.keys()):
        keys[name] = tags.get_or_create(project=project, name=name)[0].pk
    link = Session.tags.through
    links = [link(session_id=each.session.pk, tag_id=keys[name]) for each in built for name in each.tags]
    link._default_manager.using(using).bulk_create(links)
