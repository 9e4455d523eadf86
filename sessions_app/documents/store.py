"""Documents into a project: never twice, and what services compute of a session comes out as they compute it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DataError, IntegrityError

from sessions_app import services
from sessions_app.documents import parse
from sessions_app.documents.compare import is_same
from sessions_app.documents.export import for_documents
from sessions_app.documents.parse import ParsedDocument
from sessions_app.exceptions import InvalidValue
from sessions_app.models import Project, RunMetadata, Session
from sessions_app.services import BuiltSession, Mention, NewMessage, NewSession
from sessions_app.transactions import atomic_write


class Outcome(enum.Enum):
    """What became of a document."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"
    REPLACED = "replaced"


Written = tuple[Session, Outcome]
_SESSION_COLUMNS = services.SessionFields.__annotations__.keys() - {"agent", "parent"}
_RUN_COLUMNS = services.RunFields.__annotations__.keys() - {"agent"}


def write(project: Project, document: Any, *, replace: bool = False) -> Written:
    """Store a document as a session of ``project``; ``(session, outcome)``. Raises InvalidValue, and changes nothing.

    A session id that the project has already keeps its session: UNCHANGED where it says the same as the document,
    else DIFFERS, or REPLACED with ``replace``.
    """
    [written] = write_portion(project, [document], replace=replace)
    if isinstance(written, InvalidValue):
        raise written
    session, outcome = written
    return Session.objects.using(session._state.db).for_reading().get(pk=session.pk), outcome


def write_portion(
    project: Project, documents: Iterable[Any], *, replace: bool = False, stops: bool = False
) -> list[Written | InvalidValue]:
    """``write`` for many documents in few statements: what became of each, in their order.

    One that cannot be kept is its error; with ``stops`` it is the last, and nothing behind it is kept. A document that
    is an InvalidValue already (for nobody could read it) stays one.
    """
    results: list[Written | InvalidValue] = []
    for batch in _batches(map(_parsed, documents)):
        results += _write_batch(project, batch, replace, stops)
        if stops and isinstance(results[-1], InvalidValue):
            break
    return results


def _parsed(document: Any) -> ParsedDocument | InvalidValue:
    try:
        return document if isinstance(document, InvalidValue) else parse.parse(document)
    except InvalidValue as error:
        return error


def _batches(documents: Iterable[ParsedDocument | InvalidValue]) -> Iterator[list[ParsedDocument | InvalidValue]]:
    """The documents in lists, in none of which two are of the same session."""
    batch: list[ParsedDocument | InvalidValue] = []
    ids: set[str] = set()
    for document in documents:
        session_id = None if isinstance(document, InvalidValue) else document.header["session_id"]
        if session_id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(document)
        if session_id is not None:
            ids.add(session_id)
    if batch:
        yield batch


def _write_batch(
    project: Project, batch: Sequence[ParsedDocument | InvalidValue], replace: bool, stops: bool
) -> list[Written | InvalidValue]:
    """Write all together, or, where the database refuses something of it, one by one."""
    try:
        return _write_together(project, batch, replace, stops)
    except (DataError, IntegrityError):  # For example, somebody else has just made one of these sessions.
        if len(batch) == 1:
            raise
    results: list[Written | InvalidValue] = []
    for document in batch:
        results += _write_batch(project, [document], replace, stops)
        if stops and isinstance(results[-1], InvalidValue):
            break
    return results


@atomic_write
def _write_together(
    project: Project, batch: Sequence[ParsedDocument | InvalidValue], replace: bool, stops: bool
) -> list[Written | InvalidValue]:
    portion = _Portion(project, [each.header for each in batch if isinstance(each, ParsedDocument)], replace)
    results: list[Written | InvalidValue] = []
    for document in batch:
        try:
            results.append(document if isinstance(document, InvalidValue) else portion.add(document))
        except InvalidValue as error:
            results.append(error)
        if stops and isinstance(results[-1], InvalidValue):
            break
    portion.save()
    return results


class _Portion:
    """Documents on their way into the store, each of another session."""

    def __init__(self, project: Project, headers: Sequence[Mapping[str, Any]], replace: bool) -> None:
        self._project, self._replace = project, replace
        self._sessions = Session.objects.using(project._state.db).filter(project=project)
        named = {header[key] for header in headers for key in ("session_id", "parent_session_id") if key in header}
        stored = for_documents(self._sessions.filter(session_id__in=named)).order_by()
        self._known = {session.session_id: session for session in stored}
        """Sessions that are stored, or will be once this portion is saved."""
        self._built: list[BuiltSession] = []
        self._mentions: list[tuple[Session | RunMetadata, Mention]] = []

    def add(self, parsed: ParsedDocument) -> Written:
        """What will become of a document. Raises InvalidValue."""
        session_id, parent = parsed.header["session_id"], self._parent(parsed.header)
        stored = self._known.get(session_id)
        if stored is not None and is_same(stored, parsed):
            return stored, Outcome.UNCHANGED
        if stored is not None and not self._replace:
            return stored, Outcome.DIFFERS
        built = _build(self._project, parsed, parent)
        if stored is not None:
            # It keeps its primary key: exports are ordered by it, so that a parent stands before its branches.
            built.session.pk = stored.pk
        self._built.append(built)
        self._mentions += _mentions(built, parsed)
        self._known[session_id] = built.session
        return built.session, Outcome.CREATED if stored is None else Outcome.REPLACED

    def save(self) -> None:
        """Write what was added."""
        agents = services.ensure_agents(project=self._project, mentions=[mention for _, mention in self._mentions])
        for row, mention in self._mentions:
            row.agent_id = agents[mention.key].pk
        replaced = [built.session.pk for built in self._built if built.session.pk is not None]
        branches = self._sessions.filter(parent__in=replaced).exclude(pk__in=replaced)
        kept = list(branches.order_by().values_list("pk", "parent_id")) if replaced else []
        if replaced:
            services.delete_sessions(sessions=self._sessions.filter(pk__in=replaced))
        services.insert_sessions(project=self._project, built=self._built)
        for branch, parent in kept:
            self._sessions.filter(pk=branch).update(parent_id=parent)

    def _parent(self, header: Mapping[str, Any]) -> Session | None:
        parent_id = header.get("parent_session_id")
        if parent_id is None:
            return None
        if parent_id == header["session_id"] or parent_id not in self._known:
            raise InvalidValue("The project has no such other session", location=("parent_session_id",))
        return self._known[parent_id]


def _build(project: Project, parsed: ParsedDocument, parent: Session | None) -> BuiltSession:
    header, place_of = parsed.header, {run["run_id"]: place for place, run in enumerate(parsed.runs)}
    new = NewSession(
        session_id=header["session_id"],
        type=header["type"],
        fields=_given(header, _SESSION_COLUMNS) | ({"parent": parent} if parent else {}),
        runs=[(run["run_id"], _run_fields(run)) for run in parsed.runs],
        messages=[
            (NewMessage(each.payload, each.format, each.created_at), place_of.get(each.run_id))
            for each in parsed.messages
        ],
    )
    try:
        return services.build_session(project, new)
    except InvalidValue as error:
        if error.location[:1] == ("messages",):
            _, index, *way = error.location
            raise error.at(*parsed.messages[int(index)].payload_location, *way) from error
        raise


def _run_fields(run: Mapping[str, Any]) -> services.RunFields:
    model = run["model"]
    ran_on = {"model_provider": model.get("provider", ""), "model_id": model.get("id", "")}
    fields: services.RunFields = _given(run, _RUN_COLUMNS) | ran_on
    return fields


def _mentions(built: BuiltSession, parsed: ParsedDocument) -> Iterator[tuple[Session | RunMetadata, Mention]]:
    """The rows that name an agent. Only a session says what its agent's model is; a run says what it ran on itself."""
    header = parsed.header
    if "agent_id" in header:
        yield built.session, _mention(header, header.get("model"))
    for row, run in zip(built.runs, parsed.runs, strict=True):
        if "agent_id" in run:
            yield row, _mention(run, None)


def _mention(values: Mapping[str, Any], model: Mapping[str, Any] | None) -> Mention:
    return Mention(values["agent_id"], values["agent_type"], values.get("agent_name", ""), model)


def _given(values: Mapping[str, Any], columns: Iterable[str]) -> Any:
    return {column: values[column] for column in columns if column in values}
