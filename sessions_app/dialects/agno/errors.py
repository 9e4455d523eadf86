"""AgentOS' error texts."""

from __future__ import annotations

from rest_framework.exceptions import NotAuthenticated
from rest_framework.response import Response

from sessions_app.dialects.problems import InvalidRequest, Problem, invalid

TYPES = ("agent", "team", "workflow")


def error_response(problem: Problem, error: Exception) -> Response:
    """A problem in AgentOS' words; it names no authentication scheme."""
    if problem.status == 401:
        missing = isinstance(error, NotAuthenticated)
        detail = "Authorization header required" if missing else "Invalid authentication token"
        return Response({"detail": detail}, status=401)
    return Response(problem.body, status=problem.status, headers=problem.headers)


def invalid_type(value: str) -> InvalidRequest:
    expected = "'agent', 'team' or 'workflow'"
    return invalid(("query", "type"), f"Input should be {expected}", "enum", input=value, ctx={"expected": expected})


def session_not_found(session_id: str, type: str | None) -> str:
    return (
        f"{type.title()} Session with id '{session_id}' not found"
        if type
        else (f"Session with id '{session_id}' not found")
    )
