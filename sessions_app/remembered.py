"""What need not be asked of the database anew on each request: kept for seconds, in the memory of one process."""

from __future__ import annotations

from collections.abc import Hashable
from math import inf
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """At most ``size`` values by name, each until its seconds, if any, are over. May be used by several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: dict[Hashable, tuple[float, Value]] = {}
        self._changing = Lock()
        self.clearings = 0
        """How often all was forgotten."""

    def get(self, name: Hashable) -> Value | None:
        end, value = self._values.get(name, (0.0, None))
        return value if monotonic() < end else None

    def keep(self, name: Hashable, value: Value, seconds: float = inf, *, since: int | None = None) -> None:
        """Keep a value; ``since`` the ``clearings`` when it began to be found out, for one that they may have made old
        meanwhile.
        """
        with self._changing:
            if since not in {None, self.clearings}:
                return
            if len(self._values) >= self._size:
                self._values = {}  # Rarely, and then it costs each value one more look-up.
            self._values[name] = monotonic() + seconds, value

    def clear(self) -> None:
        with self._changing:
            self._values = {}
            self.clearings += 1
