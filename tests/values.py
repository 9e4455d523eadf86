"""JSON values, and how to tell them apart."""

from __future__ import annotations

import json


def nested(levels):
    """A value this many levels deep, of lists and objects in turn."""
    value = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"deeper": value}
    return value


def exact(value):
    """A text that tells 1 from 1.0 and True, 0.0 from -0.0, and one order of keys from another."""
    return json.dumps(value)


def without_moments(value):
    """A document but for its moments, which may be counted back from now."""
    if isinstance(value, dict):
        return {key: without_moments(item) for key, item in value.items() if not key.endswith("_at")}
    return [without_moments(item) for item in value] if isinstance(value, list) else value
