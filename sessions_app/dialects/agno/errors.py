"""AgentOS' error texts."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, MethodNotAllowed, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app.dialects.problems import FieldError, Problem
from sessions_app.exceptions import InvalidValue, Location
from sessions_app.models import RunMetadata, Session

TYPES = Session.Type.values
STATUSES = sorted(RunMetadata.Status.values)
LENGTHS_DIFFER = "Session IDs and session types must have the same length"
ID_IS_TAKEN = (
    "Could not create a session with the supplied session_id. Omit session_id to have one generated, "
    "or choose a different one."
)
_NAMES = {"name": "session_name", "state": "session_state"}
"""Our columns under the names that the wire has for them."""


class Conflict(APIException):
    status_code = 409


class NoMediaStorage(APIException):
    status_code = 503
    default_detail = "Media storage is not configured on AgentOS"


def error_response(problem: Problem, error: Exception, request: Request) -> Response:
    """A problem in AgentOS' words; it names no authentication scheme."""
    if problem.status == 401:
        missing = isinstance(error, NotAuthenticated)
        detail = "Authorization header required" if missing else "Invalid authentication token"
        return Response({"detail": detail}, status=401)
    if isinstance(error, MethodNotAllowed):
        return Response({"detail": "Method Not Allowed"}, status=405)
    if isinstance(error, InvalidValue):
        where = (_NAMES.get(str(error.location[0]), error.location[0]), *error.location[1:]) if error.location else ()
        body: Any = request.data
        given = {"input": _at(body.value, where)}
        problem = Problem(422, "", [FieldError(("body", *where), error.message, error.code, given)])
    return Response(problem.body, status=problem.status, headers=problem.headers)


def _at(body: Any, where: Location) -> Any:
    """What lies there in the body; None where nothing does."""
    for step in where:
        try:
            body = body[step]
        except (LookupError, TypeError):
            return None
    return body


def enum_error(loc: Location, value: Any, expected: str = "'agent', 'team' or 'workflow'") -> FieldError:
    return FieldError(loc, f"Input should be {expected}", "enum", {"input": value, "ctx": {"expected": expected}})


def session_not_found(session_id: str, type: str | None = None) -> str:
    if type is None:
        return f"Session with id '{session_id}' not found"
    return f"{type.title()} Session with id '{session_id}' not found"


def session_exists(session_id: str) -> str:
    return f"Session with id '{session_id}' already exists. Use PATCH /sessions/{session_id} to update it."


def session_of_runs_not_found(session_id: str) -> str:
    return f"Session with ID {session_id} not found"


def unknown_statuses(values: set[str]) -> str:
    return f"Invalid status value(s) {sorted(values)}; expected one of {STATUSES}"
