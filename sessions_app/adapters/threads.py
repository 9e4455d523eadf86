"""Django's ORM for frameworks that call it from anywhere: from threads of their own, and from event loops.

A call inside a transaction is made there, in the caller's thread, as any other use of the ORM. All others move to a
small pool of threads; a synchronous caller waits for its call, an ``async`` one does not block its loop. So an event
loop may make them, where Django forbids its ORM since all tasks would share a connection; many threads that run agents
need no more connections than the pool has threads; and connections are looked after, which outside requests nobody
does. A call that has begun is finished, also when its task is cancelled.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.db.backends.base.base import BaseDatabaseWrapper

THREADS = 8
"""Calls at once in one process, and so also the database connections that they need at most."""
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
_pools: list[ThreadPoolExecutor] = []
_opened: set[BaseDatabaseWrapper] = set()
_here = threading.local()


def from_anywhere(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """A synchronous function that may be called from any thread, also where an event loop runs."""

    @wraps(function)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        call = partial(function, *args, **kwargs)
        if _is_in_transaction() or getattr(_here, "is_pool", False):
            return call()
        context = copy_context()
        try:
            return _pool().submit(context.run, _in_pool, call).result()
        finally:
            _adopt(context)

    return wrapper


def in_background(function: Callable[Arguments, Result]) -> Callable[Arguments, Coroutine[Any, Any, Result]]:
    """The ``async`` form of a synchronous function."""

    @wraps(function)
    async def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        call, context = partial(function, *args, **kwargs), copy_context()
        try:
            return await asyncio.get_running_loop().run_in_executor(_pool(), context.run, _in_pool, call)
        finally:
            _adopt(context)

    return wrapper


def close() -> None:
    """End the pool and its connections, when calls that have begun are done; the next call makes a new one."""
    with ThreadPoolExecutor(1) as elsewhere:  # An event loop may not close connections, either.
        elsewhere.submit(_close).result()


def _close() -> None:
    while _pools:
        _pools.pop().shutdown()
    while _opened:
        connection = _opened.pop()
        connection.inc_thread_sharing()  # Its thread has ended.
        connection.close()


def _in_pool(call: Callable[[], Result]) -> Result:
    close_old_connections()
    try:
        return _surviving(call)
    finally:
        close_old_connections()
        for connection in connections.all(initialized_only=True):
            # That would be one statement more for each call, and to survive a lost connection needs none.
            connection.health_check_enabled = False  # type: ignore[attr-defined]
            _opened.add(connection)


def _surviving(call: Callable[[], Result]) -> Result:
    """What ``call`` gives; made once more where the database had closed the connection meanwhile."""
    before = {each: each.connection for each in connections.all(initialized_only=True) if each.connection is not None}
    try:
        return call()
    except (OperationalError, InterfaceError):
        # A transaction that could not begin has opened another one meanwhile.
        lost = [each for each, opened in before.items() if each.connection is not opened or not each.is_usable()]
        if not lost:
            raise
        for connection in lost:
            connection.close()
        return call()


def _adopt(context: Context) -> None:
    """Set what a call has set in a copy of this context."""
    for variable, value in context.items():
        if variable.get(None) is not value:
            variable.set(value)


def _is_in_transaction() -> bool:
    return any(connection.in_atomic_block for connection in connections.all(initialized_only=True))


def _pool() -> ThreadPoolExecutor:
    if not _pools:
        _pools.append(
            ThreadPoolExecutor(THREADS, "agent-sessions", initializer=setattr, initargs=(_here, "is_pool", True))
        )
    return _pools[0]


def _forget() -> None:
    """A forked server process has none of its parent's threads, and must not touch their connections."""
    _pools.clear()
    _opened.clear()


os.register_at_fork(after_in_child=_forget)
