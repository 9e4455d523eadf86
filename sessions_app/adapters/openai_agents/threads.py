"""Work with the database for callers on any event loop."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from asgiref.sync import AsyncToSync
from django.db import connections

Result = TypeVar("Result")


async def run(job: Callable[[], Result]) -> Result:
    """What ``job`` returns, run in a thread. A caller who is cancelled meanwhile is told so once the job has ended.

    The threads are the loop's own, so that loops neither wait for each other nor outlive one another. Each job has a
    connection to itself, or one out of the site's pool.
    """
    future = _start(job)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        future.exception()  # Looked at, so that nobody is told that it was never retrieved.
        raise cancelled
    return future.result()


def _start(job: Callable[[], Result]) -> asyncio.Future[Result]:
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()
    if (waiting := getattr(AsyncToSync.executors, "current", None)) is not None:
        # Somebody called us through async_to_sync and waits, maybe in a transaction: as Django itself does, work there.
        with suppress(RuntimeError):  # It waits no longer, or it is the very thread that this loop runs in.
            return loop.run_in_executor(waiting, context.run, job)
    return loop.run_in_executor(None, context.run, _on_own_connection, job)


def _on_own_connection(job: Callable[[], Result]) -> Result:
    try:
        return job()
    finally:
        connections.close_all()
