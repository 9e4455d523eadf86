"""Several writers at once, each a thread with its own connection, all let go at the same moment."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.db import connection, connections

WRITERS = 8


def together(*jobs):
    """Run all jobs at once. Gives what each returned, or the exception that it raised."""
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait(timeout=60)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(on_own_connection, run, job) for job in jobs]]


def all_of(*jobs):
    """What each job returned that was run at once with the others, none of which may fail."""
    outcomes = together(*jobs)
    for failure in failures(outcomes):
        raise failure
    return outcomes


def on_own_connection(function, *arguments):
    """What ``function`` returns or raises, in a thread that leaves no connection behind."""
    try:
        return function(*arguments)
    except Exception as error:
        return error
    finally:
        connections.close_all()


def failures(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def sqlite_is_locked():
    """Whether another connection's write to the SQLite database would have to wait now."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False
