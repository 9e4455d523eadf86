"""INSERTs and UPDATEs of rows, put together without a query.

To compile such a statement costs Django several times what a database needs to run it, and a run that is recorded takes
three. Values are prepared by the models' own fields, as Django does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Model

MAX_ROWS = 500
"""Rows of one INSERT, where the database takes as many."""


def insert(rows: Sequence[Model], *, using: str) -> None:
    """Store new rows of one model, as ``bulk_create`` does: no signals, and primary keys are set."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not isinstance(field, AutoField)]
    size = min(MAX_ROWS, connections[using].ops.bulk_batch_size(fields, rows))
    for start in range(0, len(rows), size):
        _insert(rows[start : start + size], fields, connections[using])


def update(row: Model, *, added: Mapping[str, int], changed: Mapping[str, Any]) -> None:
    """Add to some of a stored row's columns by SQL arithmetic and set others; the instance follows."""
    for name, amount in added.items():
        setattr(row, name, getattr(row, name) + amount)
    for name, value in changed.items():
        setattr(row, name, value)
    connection, meta = connections[row._state.db or DEFAULT_DB_ALIAS], cast(Any, row._meta)
    quote = connection.ops.quote_name
    new = [meta.get_field(name) for name in changed]
    columns = [f"{column} = {column} + %s" for column in (quote(meta.get_field(name).column) for name in added)]
    columns += [f"{quote(field.column)} = %s" for field in new]
    sql = f"UPDATE {quote(meta.db_table)} SET {', '.join(columns)} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*added.values(), *_prepared(row, new, connection), row.pk])


def _insert(rows: Sequence[Model], fields: Sequence[Any], connection: BaseDatabaseWrapper) -> None:
    meta, quote = cast(Any, rows[0]._meta), connection.ops.quote_name
    one = f"({', '.join(['%s'] * len(fields))})"
    columns = ", ".join(quote(field.column) for field in fields)
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {', '.join([one] * len(rows))}"  # noqa: S608
    values = [value for row in rows for value in _prepared(row, fields, connection)]
    with connection.cursor() as cursor:
        if connection.features.can_return_rows_from_bulk_insert:
            cursor.execute(f"{sql} RETURNING {quote(meta.pk.column)}", values)
            keys = [key for (key,) in cursor.fetchall()]
        else:
            cursor.execute(sql, values)
            keys = [connection.ops.last_insert_id(cursor, meta.db_table, meta.pk.column)] if len(rows) == 1 else []
    for row, key in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _prepared(row: Model, fields: Iterable[Any], connection: BaseDatabaseWrapper) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
