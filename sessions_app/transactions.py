"""Writes that see each other: one transaction a write, tried again when the database chose another writer first."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, models, transaction

ATTEMPTS = 8
_POSTGRESQL_CONFLICTS = {"40001", "40P01"}  # serialization failure, deadlock
_MYSQL_CONFLICTS = {1213, 1205, 1020}  # deadlock (also a refused Galera write set), lock wait timeout, old snapshot
_SQLITE_CONFLICTS = {5, 6}  # busy, locked

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def atomic_write(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run ``function`` as ``write_in`` the database that its first row, queryset or manager lies in."""

    @wraps(function)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return write_in(_database_of(*args, *kwargs.values()), partial(function, *args, **kwargs))

    return wrapper


def write_in(using: str, write: Callable[[], Result]) -> Result:
    """What ``write`` gives, in a transaction of a database.

    A deadlock, serialization failure or busy database rolls it back and starts it again, up to ``ATTEMPTS`` times;
    inside somebody else's transaction only they could do that, so there the error goes up. Directly inside another such
    write it is a part of that one's transaction: what fails there fails as a whole, and needs no savepoint.
    """
    if _is_part_of_a_write(using):
        return write()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _in_turn(using, attempt), _Write(using, savepoint=True, durable=False):
                return write()
        except OperationalError as error:
            is_inner = transaction.get_connection(using).in_atomic_block
            if is_inner or attempt == ATTEMPTS or not is_conflict(error):
                raise
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
    raise AssertionError("unreachable")


class _Write(transaction.Atomic):
    """The transaction, or the savepoint in somebody else's, of a ``write_in``."""


def _is_part_of_a_write(using: str) -> bool:
    blocks = transaction.get_connection(using).atomic_blocks
    return bool(blocks) and isinstance(blocks[-1], _Write)


def is_conflict(error: OperationalError) -> bool:
    """Whether the database refused this write only because of another one, so that trying again helps."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlstate", None) in _POSTGRESQL_CONFLICTS
        or (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF in _SQLITE_CONFLICTS
        or (bool(error.args) and error.args[0] in _MYSQL_CONFLICTS)
    )


@contextmanager
def _in_turn(using: str, attempt: int) -> Iterator[None]:
    """Begin a second attempt in SQLite with the lock, and so wait for it: who has read first is refused at once, each
    time that another writes, and could lose every attempt.
    """
    connection = transaction.get_connection(using)
    if attempt == 1 or connection.vendor != "sqlite":
        yield
        return
    mode, connection.transaction_mode = connection.transaction_mode, "IMMEDIATE"
    try:
        yield
    finally:
        connection.transaction_mode = mode


def _database_of(*arguments: object) -> str:
    for argument in arguments:
        if isinstance(argument, models.Model):
            return argument._state.db or DEFAULT_DB_ALIAS
        if isinstance(argument, models.QuerySet | models.Manager):
            return argument.db
    return DEFAULT_DB_ALIAS
