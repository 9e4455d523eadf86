"""The runs of a session as they lie in the store: they come with it, in one statement, where the database can do so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import getsizeof
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import ExpressionWrapper, F, Func, JSONField, OuterRef, Q, TextField
from django.db.models.functions import Cast

from sessions_app import formats
from sessions_app.dialects.agno.runs import Frame, frame_of, shown_in
from sessions_app.dialects.wire import to_json
from sessions_app.joined import GROUP, RECORD, JoinedParts, JoinedTexts, JSONTexts, split
from sessions_app.jsontext import RawList, loads
from sessions_app.mappings.agno.runs import ShownRun, agno_run_dict, chat_payload, is_agno, run_dict
from sessions_app.models import Agent, Message, RunMetadata, Session
from sessions_app.models.usage import TOKEN_FIELDS
from sessions_app.prepared import Prepared
from sessions_app.querysets import RunQuerySet
from sessions_app.reading import Unready, as_written, came_along, text_for
from sessions_app.remembered import Remembered

Run = dict[str, Any]
MOST_NAMED = 500
"""Runs whose messages are asked for by name; of more, all messages of the session are."""
MOST_KEPT, LARGEST_KEPT = 1000, 16_000
"""Runs that are kept as they were shown, and the bytes that such a one may take: 16 MB in all."""
_MOMENTS = {"created_after", "created_before"}
_TEXT = text_for(Q(format=formats.DEFAULT))
_JSON = ("details", "input", "content")
_COLUMNS = (*(name for name in ShownRun._fields if name not in {"tokens", *_JSON}), *TOKEN_FIELDS)
_kept: Remembered[str] = Remembered(size=MOST_KEPT)


@dataclass(frozen=True, slots=True)
class WantedRuns:
    """The runs that come along with a session, with their messages: those of some statuses, or all."""

    statuses: tuple[str, ...]

    def joined(self, using: str, session: Any) -> JoinedTexts:
        """Of each run a JSON text, ``[[columns], details, input, content]``, and the texts of its messages."""
        columns = Func(*_COLUMNS, function="json_build_array", output_field=JSONField())
        run = JSONTexts(Cast(columns, TextField()), *_JSON)
        said = Message.objects.using(using).filter(run=OuterRef("pk")).in_order().values_list(_TEXT)
        texts = _of(using, session, self.statuses).values_list(JoinedParts(run, JoinedTexts(said)))
        return JoinedTexts(texts, GROUP)


def wanted(asked: Mapping[str, Any]) -> WantedRuns | None:
    """What should come along with a session whose runs are asked for. None where Python leaves some out: their messages
    would be read for nothing.
    """
    return WantedRuns(_statuses(asked)) if asked.keys().isdisjoint(_MOMENTS) else None


def shown_texts(session: Session, asked: Mapping[str, Any]) -> list[str]:
    """The JSON texts of a session's runs in their shapes, in order, of those that ``asked`` lets through."""
    frame, using, stored = frame_of(session), _using(session), _stored(session, asked)
    texts = []
    for run in stored:
        text = _kept_text(run, frame, using)
        if text is None:
            return [to_json(shape) for shape in _shapes(stored, session)]
        texts.append(text)
    return [text for text in texts if text]


def shown_runs(session: Session, asked: Mapping[str, Any]) -> list[Run]:
    """The same as values."""
    return list(_shapes(_stored(session, asked), session))


def one_run(session: Session, run_id: str) -> Run:
    """The dict of one run. Raises RunNotFound."""
    using = _using(session)
    run = RunMetadata.objects.using(using).filter(session=session).select_related("agent").with_id(run_id)
    return run_dict(run, _payloads(_said([run.pk], session)[run.pk], using), session, run.agent)


def _kept_text(run: str, frame: Frame, using: str) -> str | None:
    """As ``_text``, put together once: who shows a session asks for its runs again after each new one."""
    name = run, frame, using
    text = _kept.get(name)
    if text is None:
        text = _text(*name)
        if text is not None and getsizeof(run) + getsizeof(text) <= LARGEST_KEPT:
            _kept.keep(name, text)
    return text


def _text(run: str, frame: Frame, using: str) -> str | None:
    """The JSON text of a stored run in its shape: empty where it has none, None where that takes more than itself."""
    shown, said = _taken_apart(run)
    if not is_agno(shown):
        return None
    shape = shown_in(frame, agno_run_dict(shown, _payloads(said, using)))
    return to_json(shape) if shape else ""


def _shapes(stored: list[str], session: Session) -> Iterator[Run]:
    """The runs in their shapes, without those that have none."""
    taken, frame, using = [_taken_apart(run) for run in stored], frame_of(session), _using(session)
    agents = _other_agents([run for run, _ in taken], session)
    for run, said in taken:
        shape = shown_in(frame, run_dict(run, _payloads(said, using), session, agents.get(run.agent_id)))
        if shape is not None:
            yield shape


def _stored(session: Session, asked: Mapping[str, Any]) -> list[str]:
    """The runs, each as ``WantedRuns`` has it: that came along, or are asked for now."""
    joined = came_along(session)
    if joined is not None:
        return split(joined, GROUP)
    found = {row[0]: _head(*row) for row in _runs(session.pk, _statuses(asked), using=_using(session))}
    if not asked.keys().isdisjoint(_MOMENTS):
        found = {key: run for key, run in found.items() if _is_between(run, session, asked)}
    said = _said(found, session)
    return [RECORD.join([run, *said[key]]) for key, run in found.items()]


def _head(key: int, run_id: str, moment: datetime, *values: Any) -> str:
    """The JSON text of a run, without its messages."""
    *columns, details, input_, content = values
    shown = to_json([key, run_id, moment.isoformat(), *columns])
    return f"[{shown},{details or 'null'},{input_ or 'null'},{content or 'null'}]"


def _taken_apart(run: str) -> tuple[ShownRun, list[str]]:
    """A stored run, and the texts of its messages."""
    head, _, said = run.partition(RECORD)
    (key, run_id, moment, *columns), *values = loads(head)
    columns, tokens = columns[: -len(TOKEN_FIELDS)], columns[-len(TOKEN_FIELDS) :]
    return ShownRun._make((key, run_id, datetime.fromisoformat(moment), *columns, tokens, *values)), split(said)


def _payloads(said: list[str], using: str) -> RawList:
    return RawList(as_written(said, _chat_text, using))


def _using(session: Session) -> str:
    return session._state.db or DEFAULT_DB_ALIAS


def _statuses(asked: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({*asked.get("status", ())}))


def _of(using: str, session: Any, statuses: tuple[str, ...]) -> RunQuerySet:
    runs = RunMetadata.objects.using(using).filter(session=session).in_order()
    return runs.filter(status__in=statuses) if statuses else runs


@Prepared
def _runs(using: str, session: int, statuses: tuple[str, ...]) -> Any:
    texts = [ExpressionWrapper(F(name), TextField()) for name in _JSON]
    return _of(using, session, statuses).values_list(*_COLUMNS, *texts)


def _other_agents(runs: list[ShownRun], session: Session) -> dict[int | None, Agent]:
    """The agents, by key, of those runs whose dicts name them, but for the session's, which is at hand."""
    own = {None, session.agent_id}
    keys = {run.agent_id for run in runs if run.agent_id not in own and not is_agno(run)}
    return {**Agent.objects.using(_using(session)).in_bulk(keys)} if keys else {}


def _said(runs: Collection[int], session: Session) -> dict[int, list[str]]:
    """The texts of the messages of these runs, by the runs' keys."""
    if len(runs) < min(session.run_count, MOST_NAMED):
        found = _texts.anew(session.pk, tuple(runs), using=_using(session))
    else:
        found = _texts(session.pk, None, using=_using(session))
    said: dict[int, list[str]] = defaultdict(list)
    for run, text in found:
        said[run].append(text)
    return said


@Prepared
def _texts(using: str, session: int, runs: tuple[int, ...] | None) -> Any:
    """Run and text of the messages of these runs, or of all."""
    messages = Message.objects.using(using).filter(session=session).in_order()
    of_runs = messages.exclude(run=None) if runs is None else messages.filter(run__in=runs)
    return of_runs.values_list("run", _TEXT)


def _chat_text(message: Unready) -> str:
    return to_json(chat_payload(message.payload, message.format))


def _is_between(run: str, session: Session, asked: Mapping[str, Any]) -> bool:
    shown, _ = _taken_apart(run)
    moment = run_dict(shown, (), session).get("created_at")
    if not isinstance(moment, int | float):
        return True
    after, before = asked.get("created_after"), asked.get("created_before")
    return (after is None or moment >= after) and (before is None or moment <= before)
