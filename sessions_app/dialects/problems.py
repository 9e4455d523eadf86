"""What went wrong, between the exception and a dialect's error body."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.settings import api_settings
from rest_framework.utils.serializer_helpers import ReturnDict

from sessions_app import exceptions
from sessions_app.exceptions import InvalidValue, Location
from sessions_app.transactions import is_conflict

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request: where, what, which kind of wrong, and what a dialect says besides."""

    loc: Location
    msg: str
    type: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"type": self.type, "loc": list(self.loc), "msg": self.msg, **self.extra}


class InvalidRequest(Exception):
    """A request whose parameters or body are wrong: all that is wrong, at once."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Problem:
    """An HTTP status with a sentence, or with the list of what is wrong with the request."""

    status: int
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        return {"detail": [error.as_dict() for error in self.errors] or self.detail}


def invalid(loc: Location, msg: str, type: str = "value_error", **extra: Any) -> InvalidRequest:
    """An error for one thing that is wrong."""
    return InvalidRequest([FieldError(loc, msg, type, extra)])


_STORE_PROBLEMS: dict[type[exceptions.AgentSessionsError], tuple[int, str]] = {
    exceptions.SessionNotFound: (404, "Session not found"),
    exceptions.RunNotFound: (404, "Run not found"),
    exceptions.MessageNotFound: (404, "Message not found"),
    exceptions.SessionExists: (409, "A session with this id already exists"),
    exceptions.AgentExists: (409, "An agent with this type and id already exists"),
    exceptions.AgentInUse: (409, "The agent has sessions or runs; delete those first"),
    exceptions.RevisionConflict: (409, "The session has changed since it was read"),
    exceptions.Redacted: (409, "The message is hidden, so it cannot be changed"),
}


_DJANGO_PROBLEMS: tuple[tuple[type[Exception], int, str], ...] = (
    (Http404, 404, "Not found"),
    (PermissionDenied, 403, "Permission denied"),
    (RequestDataTooBig, 413, "The request body is too large"),
    (DisallowedHost, 400, "The site does not answer to this host name: see ALLOWED_HOSTS"),
    (SuspiciousOperation, 400, "The request is malformed, or has too many parameters"),
)
"""The first that fits counts."""


def problem_of(error: Exception) -> Problem | None:
    """The problem behind an exception; None for one that is a fault of ours."""
    if isinstance(error, InvalidRequest):
        return Problem(422, "Invalid request", error.errors)
    if isinstance(error, InvalidValue):
        return Problem(422, "Invalid request", [FieldError(("body", *error.location), error.message, error.code)])
    if isinstance(error, exceptions.AgentSessionsError):
        return Problem(*_STORE_PROBLEMS[type(error)])
    if isinstance(error, DatabaseError):
        return _database_problem(error)
    if isinstance(error, drf.APIException):
        return _rest_framework_problem(error)
    return next((Problem(status, detail) for kind, status, detail in _DJANGO_PROBLEMS if isinstance(error, kind)), None)


def _database_problem(error: DatabaseError) -> Problem | None:
    if isinstance(error, IntegrityError):
        # Such as an agent that goes while a session is written for it: what can be foreseen is checked before.
        logger.error("A request was overtaken by another one", exc_info=error)
        return Problem(409, "Something that this request needs was changed or deleted meanwhile, try again")
    if not isinstance(error, OperationalError):
        return None
    if is_conflict(error):
        return Problem(503, "The database is busy, try again", headers={"Retry-After": "1"})
    # MariaDB hangs up on what is larger than its max_allowed_packet, by default 16 MiB.
    logger.error("The database refused a request", exc_info=error)
    return Problem(503, "The database is not available, or does not take a request of this size")


def _rest_framework_problem(error: drf.APIException) -> Problem:
    if isinstance(error, drf.ValidationError):
        return Problem(422, "Invalid request", list(flatten(error.detail, ("body",))))
    if isinstance(error, drf.NotAuthenticated):
        return Problem(401, "Authentication required: send an API key", headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, drf.AuthenticationFailed):
        return Problem(401, str(error.detail), headers={"WWW-Authenticate": "Bearer"})
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(max(1, math.ceil(wait)))} if wait is not None else {}
    return Problem(error.status_code, str(error.detail), headers=headers)


_TYPES = {
    "required": "missing",
    "invalid_choice": "enum",
    "max_length": "too_long",
    "min_length": "too_short",
    "empty": "too_short",
    "min_value": "greater_than_equal",
    "max_value": "less_than_equal",
    "not_a_list": "list_type",
    "not_a_dict": "dict_type",
    "blank": "string_too_short",
    "null": "null_not_allowed",
}


def flatten(errors: Any, loc: Location) -> Iterator[FieldError]:
    """A serializer's nested errors as a list, each with its place: ``("body", "messages", 3, "role")``."""
    if isinstance(errors, Mapping | ReturnDict):
        for key, inner in errors.items():
            yield from flatten(inner, loc if key == api_settings.NON_FIELD_ERRORS_KEY else (*loc, key))
    elif isinstance(errors, list | tuple):
        for index, inner in enumerate(errors):
            yield from flatten(inner, loc if isinstance(inner, str) else (*loc, index))
    else:
        code = getattr(errors, "code", "invalid")
        msg = "Field required" if code == "required" else str(errors)
        yield FieldError(loc, msg, _TYPES.get(code, "value_error" if code == "invalid" else code))
