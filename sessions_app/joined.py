"""Many texts in one value. PostgreSQL then sends one row instead of many, each of which would cost more than the text
in it.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import Field, Func, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

RECORD, GROUP = "\x1e", "\x1d"
"""Stand between texts, and between groups of them. JSON texts have them only escaped, and identifiers, which services
and forms have checked, not at all.
"""


def can_join(using: str) -> bool:
    """Whether the database has what the expressions below are made of."""
    return connections[using].vendor == "postgresql"


class JoinedTexts(Subquery):
    """All rows of a subquery of one column, each an identifier or a JSON text, in its order: see ``split``."""

    template = "(SELECT COALESCE(string_agg(each.text, chr(%(between)d)), '') FROM (%(subquery)s) AS each (text))"
    output_field: Field[Any, Any] = TextField()

    def __init__(self, queryset: QuerySet[Any, Any], between: str = RECORD) -> None:
        super().__init__(queryset, between=ord(between))


class JoinedParts(Func):
    """Texts of one row, with ``RECORD`` between them."""

    template = "(%(expressions)s)"
    arg_joiner = f" || chr({ord(RECORD)}) || "
    output_field: Field[Any, Any] = TextField()


class JSONTexts(Func):
    """JSON texts of one row as the text of a JSON array; null where there is none."""

    template = "('[' || %(expressions)s || ']')"
    arg_joiner = " || ',' || "
    output_field: Field[Any, Any] = TextField()

    def __init__(self, *texts: Any) -> None:
        super().__init__(*[Coalesce(text, Value("null"), output_field=TextField()) for text in texts])


def split(joined: str, between: str = RECORD) -> list[str]:
    """The texts that ``JoinedTexts`` put together."""
    return joined.split(between) if joined else []
