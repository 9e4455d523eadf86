"""What can go wrong in the store, in its own words. Dialects put these into their wire's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Location = tuple[str | int, ...]


class AgentSessionsError(Exception):
    """Base of all errors that the store raises."""


class SessionNotFound(AgentSessionsError):
    """The session is not there, or not for this caller."""


class SessionExists(AgentSessionsError):
    """The project has a session with this id already."""


class RunNotFound(AgentSessionsError):
    """The session has no such run."""


class MessageNotFound(AgentSessionsError):
    """The session has no such message."""


class AgentExists(AgentSessionsError):
    """The project has an agent of this type and id already."""


class AgentInUse(AgentSessionsError):
    """The agent has sessions or runs, so it cannot be deleted."""


class RevisionConflict(AgentSessionsError):
    """Somebody else changed the session since the caller read it."""


class Redacted(AgentSessionsError):
    """The row is hidden, so what it says cannot be changed: restore or delete it."""


class InvalidValue(AgentSessionsError):
    """A value that the store cannot keep.

    ``location`` leads to it from the argument that held it: ``(2, "role")`` is the role of the third message.
    ``message`` is English, as wires and commands need it. ``template`` and ``params`` are what it was made of, so that
    a page can say it in its reader's language: templates are marked with ``gettext_noop``.
    """

    def __init__(
        self,
        template: str,
        *,
        location: Location = (),
        code: str = "value_error",
        params: Mapping[str, Any] | None = None,
    ) -> None:
        self.template = template
        self.params = params or {}
        self.message = template % self.params if self.params else template
        super().__init__(self.message)
        self.location = location
        self.code = code

    def within(self, *location: str | int) -> InvalidValue:
        """The same error, seen from further out."""
        return self.at(*location, *self.location)

    def at(self, *location: str | int) -> InvalidValue:
        """The same error in another place."""
        return InvalidValue(self.template, location=location, code=self.code, params=self.params)
