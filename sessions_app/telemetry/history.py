"""Which messages of a call are new: a call is given the whole conversation so far, and each message is kept once.

A call is known again by its last two messages. Where those lie in the inputs of a later call, everything up to there
was said before, but for system messages that are new. So a history that was cut at its front, or begins with a summary,
is recognized as well, and inputs that repeat nothing are all new: in doubt a message is kept twice rather than lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sessions_app.formats.otel_genai import OTelGenAI

Payload = dict[str, Any]
_COMPARED = {
    "text": ("content",),
    "tool_call": ("id", "name", "arguments"),
    "tool_call_response": ("id", "response"),
    "uri": ("uri",),
    "blob": ("content",),
    "file": ("file_id",),
}
_SYSTEM = {"system", "developer"}


def digest(message: Payload) -> str:
    """The same for a message when it is said and when it is repeated: reasoning and reasons to finish go unrepeated."""
    reading = OTelGenAI().read(message)
    parts = [
        [part["type"], *(part.get(key) for key in _COMPARED[part["type"]])]
        for part in reading.parts
        if part["type"] in _COMPARED
    ]
    text = json.dumps([reading.role, parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def marks_of(inputs: list[Payload], outputs: list[Payload]) -> dict[str, Any] | None:
    """What a call is known by: the ends of what went in and of what came out, and its system messages."""
    spoken = [digest(message) for message in inputs if message["role"] not in _SYSTEM]
    answers = [digest(message) for message in outputs]
    ends = [_end(said) for said in (spoken, [*spoken, *answers] if answers else [], answers[-1:]) if said]
    systems = [digest(message) for message in inputs if message["role"] in _SYSTEM]
    return {"ends": ends, "systems": systems} if ends or systems else None


@dataclass(slots=True)
class Memory:
    """What was said before."""

    ends: set[tuple[str, str]] = field(default_factory=set)
    systems: set[str] = field(default_factory=set)
    unanswered: set[tuple[str, str]] = field(default_factory=set)
    """Ends of calls of this run that nothing came out of: the same inputs are then another try."""

    def learn(self, marks: dict[str, Any] | None) -> None:
        if marks:
            self.ends |= {(before, last) for before, last in marks["ends"]}
            self.systems |= set(marks["systems"])

    def news(self, inputs: list[Payload]) -> list[Payload]:
        """The messages of ``inputs`` that were not said before, in their order."""
        known = self._known([digest(message) for message in inputs if message["role"] not in _SYSTEM])
        kept, spoken = [], 0
        for message in inputs:
            if message["role"] not in _SYSTEM:
                spoken += 1
                if spoken > known:
                    kept.append(message)
            elif (mark := digest(message)) not in self.systems:
                self.systems.add(mark)
                kept.append(message)
        return kept

    def _known(self, spoken: list[str]) -> int:
        """How many of ``spoken`` were said before."""
        for count in range(len(spoken), 0, -1):
            end = _end(spoken[:count])
            if end in self.unanswered or (count < len(spoken) and end in self.ends):
                return count
        return 0


def learned(marks: Iterable[dict[str, Any] | None]) -> Memory:
    """A memory of all these calls."""
    memory = Memory()
    for each in marks:
        memory.learn(each)
    return memory


def _end(digests: list[str]) -> tuple[str, str]:
    """The last two, "" standing for a message before the first."""
    return (digests[-2] if len(digests) > 1 else "", digests[-1])
