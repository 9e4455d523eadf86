"""Many texts in one value. PostgreSQL then sends one row instead of many, each of which would cost more than the text
in it.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import Field, Subquery, TextField

_BETWEEN = "\x1e"
"""Stands between texts (``chr(30)``). No identifier has it, and JSON texts have it nowhere but escaped."""


def can_join(using: str) -> bool:
    """Whether the database has what the expressions below are made of."""
    return connections[using].vendor == "postgresql"


class JoinedTexts(Subquery):
    """All rows of a subquery of one column, each an identifier or a JSON text, in its order: see ``split``."""

    template = "(SELECT COALESCE(string_agg(each.text, chr(30)), '') FROM (%(subquery)s) AS each (text))"
    output_field: Field[Any, Any] = TextField()


def split(joined: str) -> list[str]:
    """The texts that ``JoinedTexts`` put together."""
    return joined.split(_BETWEEN) if joined else []
