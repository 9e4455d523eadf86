"""What else agno asks of a database, and ours does not keep."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NoReturn


class SessionsOnly:
    """Gives its subclasses every method that agno still declares abstract: it raises NotImplementedError in a sentence.

    So a new agno that asks for more does not keep the sessions of an old one from working.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in {name for base in cls.__mro__ for name in getattr(base, "__abstractmethods__", ())}:
            method = getattr(cls, name)
            if getattr(method, "__isabstractmethod__", False):
                setattr(cls, name, _unsupported(cls.__name__, name, is_async=inspect.iscoroutinefunction(method)))


def _unsupported(owner: str, name: str, *, is_async: bool) -> Callable[..., Any]:
    sentence = (
        f"{owner} keeps sessions and runs; {name} belongs to what it does not keep. "
        "Give the part of your program that needs it another of agno's databases."
    )

    def refuse(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(sentence)

    async def refuse_later(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(sentence)

    return refuse_later if is_async else refuse
