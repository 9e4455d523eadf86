"""Searches by PostgreSQL's indexes of trigrams, which know where three letters in a row occur."""

from __future__ import annotations

import json
import re
from typing import Any

from django.db import connections
from django.db.models import QuerySet

FEW = 10_000
"""Hits that are gathered. Where there are more, who just looks along a list meets its next page of them soon."""
_TRIGRAM = re.compile(r"[^\W_]{3}")


def has_index(text: str, using: str) -> bool:
    """Whether an index of the database can find ``text``: by three letters or digits in a row."""
    return connections[using].vendor == "postgresql" and _TRIGRAM.search(text) is not None


def keys_if_few(sessions: QuerySet[Any], messages: QuerySet[Any]) -> set[int] | None:
    """The keys of ``sessions`` and of the sessions that ``messages`` are in; None where PostgreSQL finds many of them.

    Asked one after the other, each table answers from the index on its own texts. In one condition, a text in this
    or in that table, PostgreSQL would read both whole.
    """
    parts = sessions.order_by().values_list("pk", flat=True), messages.order_by().values_list("session_id", flat=True)
    expected = json.loads(parts[0].union(parts[1], all=True).order_by().explain(format="json"))[0]["Plan"]["Plan Rows"]
    if expected > FEW:
        return None
    # Not by the one statement: PostgreSQL would start other processes for it, and take longer for that than to answer.
    found = {key for part in parts for key in part[: FEW + 1]}
    return found if len(found) <= FEW else None
