"""NaN and the infinities: numbers in Python, but nothing that JSON can say.

Frameworks in Python write them without a thought (a score, a measurement), and losing a whole run for one of them would
be worse. They are kept as text, which every reader of JSON understands, beside a list of the places where they stood.
"""

from __future__ import annotations

import json
import math
from typing import Any

Place = list[str | int]
NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def set_aside(value: Any) -> tuple[Any, list[Place]]:
    """``value`` with its numbers that are not finite as text, and their places; the very same object without any."""
    if _is_json(value):
        return value, []
    places: list[Place] = []
    return _set_aside(value, [], places), places


def put_back(value: Any, places: Any) -> Any:
    """What ``set_aside`` was given. A place that now holds something else is left alone; ``value`` is changed."""
    for place in places if isinstance(places, list) else []:
        holder = value
        for step in place[:-1]:
            holder = _item(holder, step)
        text = _item(holder, place[-1])
        if isinstance(text, str) and text in NUMBERS:
            holder[place[-1]] = NUMBERS[text]
    return value


def _is_json(value: Any) -> bool:
    """Whether JSON can say it. As nearly always it can: then this saves walking through it in Python."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _set_aside(value: Any, place: Place, places: list[Place]) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        places.append(place)
        return next(text for text, number in NUMBERS.items() if repr(number) == repr(value))
    if isinstance(value, dict):
        shown = {key: _set_aside(item, [*place, key], places) for key, item in value.items()}
        return shown if any(shown[key] is not value[key] for key in value) else value
    if isinstance(value, list):
        items = [_set_aside(item, [*place, index], places) for index, item in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _item(holder: Any, step: str | int) -> Any:
    try:
        return holder[step]
    except (KeyError, IndexError, TypeError):
        return None
