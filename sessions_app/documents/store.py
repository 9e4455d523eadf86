"""Documents into a project: never twice, and what services compute of a session comes out as they compute it."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, groupby, zip_longest
from typing import Any

from sessions_app import services
from sessions_app.documents import export, parse
from sessions_app.documents.parse import ParsedDocument, ParsedMessage
from sessions_app.documents.readers import read_object
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Agent, Project, RunMetadata, Session
from sessions_app.transactions import atomic_write

CHUNK = 500
"""Messages that one statement inserts."""


class Outcome(enum.Enum):
    """What became of a document."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"
    REPLACED = "replaced"


@atomic_write
def write(project: Project, document: Any, *, replace: bool = False) -> tuple[Session, Outcome]:
    """Store a document as a session of ``project``; ``(session, outcome)``. Raises InvalidValue, and changes nothing.

    A session id that the project has already keeps its session: UNCHANGED where it says the same as the document,
    else DIFFERS, or REPLACED with ``replace``.
    """
    parsed = parse.parse(document)
    sessions = Session.objects.using(project._state.db).filter(project=project)
    parent = _parent(sessions, parsed.header)
    stored = sessions.for_reading().filter(session_id=parsed.header["session_id"]).first()
    if stored is None:
        session, outcome = _create(project, parsed, parent), Outcome.CREATED
    elif _is_same(stored, parsed):
        return stored, Outcome.UNCHANGED
    elif not replace:
        return stored, Outcome.DIFFERS
    else:
        session, outcome = _replace(stored, parsed, parent), Outcome.REPLACED
    return sessions.for_reading().get(pk=session.pk), outcome


def _parent(sessions: Any, header: dict[str, Any]) -> Session | None:
    parent_id = header.get("parent_session_id")
    if parent_id is None:
        return None
    parent: Session | None = sessions.filter(session_id=parent_id).order_by().first()
    if parent is None or parent_id == header["session_id"]:
        raise InvalidValue("The project has no such other session", location=("parent_session_id",))
    return parent


def _create(project: Project, parsed: ParsedDocument, parent: Session | None) -> Session:
    session = _create_empty(project, parsed.header, parent)
    _fill(session, parsed)
    return session


def _replace(stored: Session, parsed: ParsedDocument, parent: Session | None) -> Session:
    sessions = Session.objects.using(stored._state.db)
    key, branches = stored.pk, list(stored.branches.values_list("pk", flat=True))
    services.delete_sessions(sessions=sessions.filter(pk=key))
    session = _create_empty(stored.project, parsed.header, parent)
    # It keeps its primary key: exports are ordered by it, so that a parent stands before its branches.
    sessions.filter(pk=session.pk).update(id=key)
    session.pk = key
    sessions.filter(pk__in=branches).update(parent=session)
    _fill(session, parsed)
    return session


def _create_empty(project: Project, header: dict[str, Any], parent: Session | None) -> Session:
    return services.create_session(
        project=project,
        session_id=header["session_id"],
        type=header["type"],
        agent=_agent(project, header),
        parent=parent,
        **_given(header, services.SessionFields.__annotations__.keys() - {"tags"}),
    )


def _fill(session: Session, parsed: ParsedDocument) -> None:
    """Write what lies in the session in the order in which it came about: runs with their messages, and messages."""
    if parsed.header["tags"]:
        services.update_session(session=session, tags=parsed.header["tags"])
    waiting, rows = iter(enumerate(parsed.runs)), dict[str, RunMetadata]()
    for run_id, group in groupby(parsed.messages, key=lambda message: message.run_id):
        messages = list(group)
        if run_id is not None and run_id not in rows:
            for index, run in waiting:
                first = messages[:CHUNK] if run["run_id"] == run_id else []
                rows[run["run_id"]] = _record_run(session, index, run, first)
                if run["run_id"] == run_id:
                    break
            messages = messages[CHUNK:]
        _append(session, rows[run_id] if run_id is not None else None, messages)
    for index, run in waiting:
        _record_run(session, index, run, [])
    if "updated_at" in parsed.header:
        session.updated_at = parsed.header["updated_at"]
        session.save(update_fields=["updated_at"])


def _record_run(session: Session, index: int, run: dict[str, Any], messages: Sequence[ParsedMessage]) -> RunMetadata:
    try:
        recorded, _ = services.record_run(
            session=session,
            run_id=run["run_id"],
            messages=_new(messages),
            agent=_agent(session.project, run),
            model_provider=run["model"].get("provider", ""),
            model_id=run["model"].get("id", ""),
            **_given(run, services.RunFields.__annotations__),
        )
    except InvalidValue as error:
        if error.location[:1] == ("messages",):
            raise _at_message(error, messages, *error.location[1:]) from error
        raise error.within("runs", index) from error
    return recorded


def _append(session: Session, run: RunMetadata | None, messages: Sequence[ParsedMessage]) -> None:
    for start in range(0, len(messages), CHUNK):
        chunk = messages[start : start + CHUNK]
        try:
            services.append_messages(session=session, messages=_new(chunk, run))
        except InvalidValue as error:
            raise _at_message(error, chunk, *error.location) from error


def _at_message(error: InvalidValue, messages: Sequence[ParsedMessage], index: Any, *way: str | int) -> InvalidValue:
    return error.at(*messages[index].payload_location, *way)


def _new(messages: Iterable[ParsedMessage], run: RunMetadata | None = None) -> list[services.NewMessage]:
    return [services.NewMessage(each.payload, each.format, each.created_at, run) for each in messages]


def _agent(project: Project, values: dict[str, Any]) -> Agent | None:
    if "agent_id" not in values:
        return None
    return services.ensure_agent(
        project=project,
        agent_id=values["agent_id"],
        type=values["agent_type"],
        name=values.get("agent_name", ""),
        model=values["model"] if "session_id" in values and "model" in values else None,
    )


def _given(values: dict[str, Any], columns: Iterable[str]) -> Any:
    return {column: values[column] for column in columns if column in values}


def _is_same(stored: Session, parsed: ParsedDocument) -> bool:
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
