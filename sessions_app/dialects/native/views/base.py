"""What the views of our own API share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sessions_app import services
from sessions_app.dialects.base import DialectViewSet
from sessions_app.dialects.native import inputs
from sessions_app.dialects.native.parameters import FirstMentionParameters
from sessions_app.dialects.problems import FieldError, InvalidRequest
from sessions_app.exceptions import InvalidValue, Location, SessionNotFound
from sessions_app.models import Session
from sessions_app.querysets import SessionQuerySet, project_behind
from sessions_app.reading import one_session
from sessions_app.services import rollups
from sessions_app.transactions import write_in

Result = TypeVar("Result")
RUN_BULK = ("run__input", "run__content", "run__details")
"""What a run holds that no list of its messages needs, and that can be large."""


class NativeViewSet(DialectViewSet):
    """Finds sessions, each only for a key that may see it."""

    def sessions(self) -> SessionQuerySet:
        return Session.objects.visible_to(self.key)

    def find_session(self, session_id: str) -> Session:
        return one_session(self.key, session_id)

    def all_or_nothing(self, write: Callable[[], Result]) -> Result:
        """What ``write`` gives. Where it fails, agents and sessions that it mentioned first are not made either."""
        return write_in(Session.objects.db, write)

    def lock_session(self, session_id: str, *, with_agent: bool) -> Session:
        """As ``find_session``, to append to it; nobody else changes it until the transaction ends."""
        project = project_behind(self.key, Session.objects.db)
        if project is None:
            raise SessionNotFound(session_id)
        user_id = self.key.user_id if self.key.is_bound else None
        return rollups.lock_with_id(project, session_id, user_id, to_append=True, with_agent=with_agent)

    def lock_or_make_session(self, session_id: str, *, with_agent: bool = False) -> Session:
        """The session, locked; with ``?create=true`` it is made where it is not there. Raises SessionNotFound.

        ``with_agent`` as for ``rollups.lock_with_id``.
        """
        if not self.request.query_params:
            return self.lock_session(session_id, with_agent=with_agent)
        asked = self.query(FirstMentionParameters)
        try:
            return self.lock_session(session_id, with_agent=with_agent)
        except SessionNotFound:
            if not asked["create"]:
                raise
        type_ = asked.get("type", Session.Type.AGENT)
        session, created = services.get_or_create_session(
            project=self.key.project,
            session_id=session_id,
            type=type_,
            **inputs.agent_for(self.key, asked, type_),
            **inputs.new_user(self.key, asked),
        )
        if not created and self.key.is_bound and session.user_id != self.key.user_id:
            raise SessionNotFound(session_id)
        return rollups.lock(session)


@contextmanager
def errors_at(way_to: Callable[..., Location]) -> Iterator[None]:
    """Says of an InvalidValue where in the request it lies: ``way_to(*location)``."""
    try:
        yield
    except InvalidValue as error:
        raise InvalidRequest([FieldError(way_to(*error.location), error.message, error.code)]) from error
