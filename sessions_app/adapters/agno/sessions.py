"""The session methods of agno's ``BaseDb``, as ``SqliteDb`` means them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agno.db.utils import validate_pagination

from sessions_app import services
from sessions_app.adapters.agno import writing
from sessions_app.adapters.agno.objects import Row, handed_out, held, miss, remember, row_of, run_dicts
from sessions_app.adapters.agno.reading import CHUNK, named_row, row_with_latest_runs, rows_with_runs
from sessions_app.adapters.agno.store import Store
from sessions_app.adapters.threads import from_anywhere
from sessions_app.exceptions import SessionNotFound
from sessions_app.mappings.agno.lists import filtered, ordered
from sessions_app.mappings.agno.sessions import moment_of, session_row
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet
from sessions_app.text import is_storable, storable

LAST_SECOND = 253_370_764_799


class SessionMethods(Store):
    @from_anywhere
    def get_session(
        self,
        session_id: str,
        session_type: Any = None,
        user_id: str | None = None,
        deserialize: bool | None = True,
        runs_limit: int | None = None,
    ) -> Any:
        """The session as an object of ``session_type`` (None: the stored one) or as a row; None where there is none,
        or another user's. With ``runs_limit`` only that many of the latest runs that a model's context is made of.
        """
        session = self._find(session_id, user_id)
        if session is None:
            if user_id is None or self._find(session_id, None) is None:
                miss(session_id, self.key)
            return None
        row = rows_with_runs([session])[0] if runs_limit is None else row_with_latest_runs(session, runs_limit)
        return handed_out(session_type, row) if deserialize else row

    @from_anywhere
    def get_sessions(
        self,
        session_type: Any = None,
        user_id: str | None = None,
        component_id: str | None = None,
        session_name: str | None = None,
        start_timestamp: int | None = None,
        end_timestamp: int | None = None,
        limit: int | None = None,
        page: int | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        deserialize: bool | None = True,
        include_runs: bool | None = None,
    ) -> Any:
        """Sessions as objects, or ``(rows, how many there are)``. A name is looked for in the names that are shown.

        Unless ``include_runs`` says otherwise, a page of rows has, instead of runs, one stand-in that says what the
        session opens with: AgentOS lists sessions so, and wants no more of their runs than a name.
        """
        validate_pagination(limit, page)
        asked = {"type": _text(session_type), "component_id": component_id, "session_name": session_name}
        found = filtered(self._sessions(user_id), asked)
        found = found.between("created_at", _moment(start_timestamp), _moment(end_timestamp))
        total = 0 if deserialize else found.count()
        listed = _in_order(found, sort_by, sort_order).select_related("agent")
        if limit is not None:
            start = ((page or 1) - 1) * limit
            listed = listed[start : start + limit]
        if include_runs is None and page is not None and not deserialize:
            return [named_row(session) for session in listed], total
        if include_runs is False:
            rows = [{**session_row(session), "runs": None} for session in listed]
        else:
            rows = rows_with_runs(list(listed))
        return [handed_out(session_type, row) for row in rows] if deserialize else (rows, total)

    @from_anywhere
    def upsert_session(self, session: Any, deserialize: bool | None = True) -> Any:
        """Write a session without its runs; None where it belongs to somebody else. Gives the stored one."""
        return self._upsert(session, deserialize=deserialize)

    @from_anywhere
    def upsert_sessions(
        self, sessions: list[Any], deserialize: bool | None = True, preserve_updated_at: bool = False
    ) -> list[Any]:
        """As ``upsert_session`` for each; without those that belong to somebody else."""
        given = [session for session in sessions if session is not None]
        moments = [session.updated_at if preserve_updated_at else None for session in given]
        written = [self._upsert(*each, deserialize=deserialize) for each in zip(given, moments, strict=True)]
        return [each for each in written if each is not None]

    @from_anywhere
    def rename_session(
        self,
        session_id: str,
        session_type: Any,
        session_name: str,
        user_id: str | None = None,
        deserialize: bool | None = True,
    ) -> Any:
        """Give a session a name. None where there is none, or another user's."""
        found = self._find(session_id, user_id)
        if found is None:
            return None
        try:
            session = services.update_session(session=found, name=storable(session_name))
        except SessionNotFound:
            return None
        row = rows_with_runs([session])[0]
        return handed_out(None, row) if deserialize else row

    @from_anywhere
    def delete_session(self, session_id: str, user_id: str | None = None) -> bool:
        """Delete a session with its runs; whether there was one."""
        return self._delete_all([session_id], user_id) > 0

    @from_anywhere
    def delete_sessions(self, session_ids: list[str], user_id: str | None = None) -> None:
        """Delete those that are there, and this user's where one is named."""
        self._delete_all(session_ids, user_id)

    @from_anywhere
    def reassign_session_owner(self, session_id: str, *, previous_user_id: str, user_id: str | None) -> bool:
        """Give an idle session to another user, where it is still the previous one's; whether it was."""
        found = self._find(session_id, None)
        try:
            return found is not None and writing.give_session(found, previous_user_id=previous_user_id, user_id=user_id)
        except SessionNotFound:
            return False

    def _upsert(self, session: Any, updated_at: int | None = None, *, deserialize: bool | None = True) -> Any:
        mine = row_of(session)
        stored = writing.write_session(self.project, mine, held(session, self.key), moment_of(updated_at))
        if stored is None:
            return None
        remember(session, mine)
        row: Row = session_row(stored)
        if not deserialize:
            return {**row, "runs": run_dicts(session.runs)}
        written = handed_out(None, row)
        written.runs = session.runs
        return written

    def _sessions(self, user_id: str | None) -> SessionQuerySet:
        sessions = Session.objects.using(self.using).filter(project=self.project)
        if user_id is None:
            return sessions
        return sessions.filter(user_id=user_id) if is_storable(user_id) else sessions.none()

    def _find(self, session_id: str, user_id: str | None) -> Session | None:
        try:
            return self._sessions(user_id).select_related("agent").with_id(session_id)
        except SessionNotFound:
            return None

    def _delete_all(self, session_ids: list[str], user_id: str | None) -> int:
        wanted = [session_id for session_id in dict.fromkeys(session_ids) if is_storable(session_id)]
        chunks = (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))
        sessions = self._sessions(user_id)
        return sum(services.delete_sessions(sessions=sessions.filter(session_id__in=chunk)) for chunk in chunks)


def _in_order(sessions: SessionQuerySet, sort_by: str | None, sort_order: str | None) -> SessionQuerySet:
    """Unless asked otherwise in the order in which they were made, as agno's own databases have it."""
    if sort_by is None:
        return sessions.order_by("pk")
    return ordered(sessions, sort_by, sort_order)


def _text(value: Any) -> Any:
    """The text of an enumeration's member."""
    return getattr(value, "value", value)


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment_of(min(max(int(seconds), 0), LAST_SECOND))
