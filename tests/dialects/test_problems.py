from __future__ import annotations

import sqlite3

import pytest
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions as drf

from sessions_app import exceptions
from sessions_app.dialects.problems import FieldError, InvalidRequest, Problem, flatten, invalid, problem_of


def subclasses(cls):
    for each in cls.__subclasses__():
        yield each
        yield from subclasses(each)


@pytest.mark.parametrize("error_class", sorted(subclasses(exceptions.AgentSessionsError), key=str))
def test_every_error_of_the_store_is_a_problem(error_class):
    problem = problem_of(error_class("s-1"))
    assert 400 <= problem.status < 500
    assert "s-1" not in problem.detail


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (Http404("secret"), 404, "Not found"),
        (PermissionDenied("secret"), 403, "Permission denied"),
        (RequestDataTooBig("secret"), 413, "The request body is too large"),
        (TooManyFieldsSent("secret"), 400, "The request is malformed, or has too many parameters"),
        (DisallowedHost("secret"), 400, "The site does not answer to this host name: see ALLOWED_HOSTS"),
        (SuspiciousOperation("secret"), 400, "The request is malformed, or has too many parameters"),
        (drf.MethodNotAllowed("PUT"), 405, 'Method "PUT" not allowed.'),
        (drf.ParseError("The body is not JSON"), 400, "The body is not JSON"),
        (drf.NotFound("Agent not found"), 404, "Agent not found"),
        (drf.NotAuthenticated(), 401, "Authentication required: send an API key"),
        (drf.AuthenticationFailed("Invalid API key"), 401, "Invalid API key"),
        (exceptions.SessionNotFound("s"), 404, "Session not found"),
        (exceptions.RevisionConflict("s"), 409, "The session has changed since it was read"),
    ],
)
def test_it_gives_status_and_sentence(error, status, detail):
    problem = problem_of(error)
    assert (problem.status, problem.body) == (status, {"detail": detail})


@pytest.mark.parametrize("error", [drf.NotAuthenticated(), drf.AuthenticationFailed("x")])
def test_a_401_says_how_to_come_in(error):
    assert problem_of(error).headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(("wait", "header"), [(0, "1"), (0.2, "1"), (1.2, "2"), (60, "60")])
def test_a_429_says_when_to_come_again(wait, header):
    assert problem_of(drf.Throttled(wait)).headers == {"Retry-After": header}


def test_a_request_that_another_one_overtook_is_409(caplog):
    problem = problem_of(IntegrityError("secret"))
    assert (problem.status, "secret" in problem.detail) == (409, False)
    assert "overtaken" in caplog.text


def test_a_busy_database_is_503():
    busy = OperationalError("database is locked")
    busy.__cause__ = sqlite3.OperationalError("database is locked")
    busy.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    problem = problem_of(busy)
    assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), DatabaseError("x")])
def test_a_fault_of_ours_is_no_problem_of_the_caller(error):
    assert problem_of(error) is None


def test_a_database_that_is_away_is_503_and_logged(caplog):
    error = OperationalError(2006, "Server has gone away")
    assert problem_of(error).status == 503
    assert [record.exc_info[1] for record in caplog.records] == [error]


def test_an_invalid_value_lies_in_the_body():
    error = exceptions.InvalidValue("Too long", location=("name",), code="string_too_long")
    assert problem_of(error).body == {
        "detail": [{"type": "string_too_long", "loc": ["body", "name"], "msg": "Too long"}]
    }


def test_it_says_all_that_is_wrong():
    error = InvalidRequest([FieldError(("query", "a"), "A", "x"), FieldError(("path", "b"), "B", "y", {"input": "i"})])
    assert problem_of(error).body == {
        "detail": [
            {"type": "x", "loc": ["query", "a"], "msg": "A"},
            {"type": "y", "loc": ["path", "b"], "msg": "B", "input": "i"},
        ]
    }


def test_one_thing_that_is_wrong():
    error = invalid(("query", "type"), "No such type", "enum", input="x")
    assert problem_of(error) == Problem(
        422, "Invalid request", [FieldError(("query", "type"), "No such type", "enum", {"input": "x"})]
    )


def test_nested_errors_come_with_their_places():
    detail = drf.ValidationError(
        {
            "name": [drf.ErrorDetail("This field is required.", code="required")],
            "messages": {3: {"role": [drf.ErrorDetail("Bad", code="invalid")]}},
            "tags": [{}, {"name": ["Long"]}],
            "non_field_errors": [drf.ErrorDetail("All wrong", code="odd")],
        }
    ).detail
    assert list(flatten(detail, ("body",))) == [
        FieldError(("body", "name"), "Field required", "missing"),
        FieldError(("body", "messages", 3, "role"), "Bad", "value_error"),
        FieldError(("body", "tags", 1, "name"), "Long", "value_error"),
        FieldError(("body",), "All wrong", "odd"),
    ]
