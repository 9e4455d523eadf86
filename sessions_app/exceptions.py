"""What can go wrong in the store, in its own words. Dialects put these into their wire's words."""

from __future__ import annotations

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


class InvalidValue(AgentSessionsError):
    """A value that the store cannot keep.

    ``location`` leads to it from the argument that held it: ``(2, "role")`` is the role of the third message.
    """

    def __init__(self, message: str, *, location: Location = (), code: str = "value_error") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.code = code

    def within(self, *location: str | int) -> InvalidValue:
        """The same error, seen from further out."""
        return InvalidValue(self.message, location=(*location, *self.location), code=self.code)
