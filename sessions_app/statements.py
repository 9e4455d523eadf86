"""Rows, INSERTs and UPDATEs, made without a query.

To compile such a statement costs Django several times what a database needs to run it, and a run that is recorded takes
three; in an import, Django's constructors and its preparation of each value take most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model
from django.db.models.base import ModelState

from sessions_app import jsontext
from sessions_app.fields import JSONTextField

Row = TypeVar("Row", bound=Model)
MAX_ROWS = 500
"""Rows of one INSERT that tells their keys, where the database takes as many."""
_TAKEN_AS_THEY_ARE = (
    *(models.BooleanField, models.CharField, models.FloatField, models.ForeignKey, models.IntegerField),
    models.TextField,
)


def new_row(model: type[Row], **columns: Any) -> Row:
    """``model(**columns)``, but for its signals; columns are named as in the database: ``session_id=session.pk``.

    It saves most of the time that Django spends on telling apart what a constructor can be given.
    """
    row = model.__new__(model)
    row._state = ModelState()
    same, made = _defaults(model)
    row.__dict__.update(same, **columns)
    for name, make in made.items():
        if name not in columns:
            row.__dict__[name] = make()
    return row


def stored_row(model: type[Row], using: str, columns: Iterable[tuple[str, Any]]) -> Row:
    """``model.from_db`` for a database's columns by attribute, but for its signals. What is left out is deferred."""
    row = model.__new__(model)
    row.__dict__.update(columns)
    row._state = ModelState()
    row._state.adding, row._state.db = False, using
    return row


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """What a new row holds by attribute, and what makes it where that is another value each time."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = {name: field.default for name, field in fields.items() if field.has_default()}
    made = {name: default for name, default in given.items() if callable(default)}
    return {name: field.get_default() for name, field in fields.items() if name not in made}, made


def insert(rows: Sequence[Model], *, using: str) -> None:
    """Store new rows of one model, as ``bulk_create`` does: no signals, and primary keys are set."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not isinstance(field, AutoField)]
    size = min(MAX_ROWS, connections[using].ops.bulk_batch_size(fields, rows))
    for start in range(0, len(rows), size):
        _insert(rows[start : start + size], fields, connections[using])


def insert_many(rows: Sequence[Model], *, using: str) -> None:
    """Store rows of one model, which all have a primary key or have none; they do not get to know theirs.

    One short statement, which the database compiles once and runs for each row.
    """
    if not rows:
        return
    connection = connections[using]
    fields = [field for field in rows[0]._meta.concrete_fields if rows[0].pk is not None or not field.primary_key]
    with connection.cursor() as cursor:
        cursor.executemany(_insertion(rows[0], fields, 1, connection), list(_values(rows, fields, connection)))


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
        values = next(_values([row], new, connection)) if new else []
        cursor.execute(sql, [*added.values(), *values, row.pk])


def _insert(rows: Sequence[Model], fields: Sequence[Field[Any, Any]], connection: BaseDatabaseWrapper) -> None:
    meta, sql = cast(Any, rows[0]._meta), _insertion(rows[0], fields, len(rows), connection)
    values = [value for row in _values(rows, fields, connection) for value in row]
    with connection.cursor() as cursor:
        if connection.features.can_return_rows_from_bulk_insert:
            cursor.execute(f"{sql} RETURNING {connection.ops.quote_name(meta.pk.column)}", values)
            keys = [key for (key,) in cursor.fetchall()]
        else:
            cursor.execute(sql, values)
            keys = [connection.ops.last_insert_id(cursor, meta.db_table, meta.pk.column)] if len(rows) == 1 else []
    for row, key in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _insertion(row: Model, fields: Sequence[Field[Any, Any]], rows: int, connection: BaseDatabaseWrapper) -> str:
    """INSERT of so many rows like ``row``, with a place for each of their values."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {quote(row._meta.db_table)} ({columns}) VALUES {', '.join([one] * rows)}"  # noqa: S608


def _values(rows: Iterable[Model], fields: Sequence[Field[Any, Any]], connection: Any) -> Iterator[list[Any]]:
    names = [field.attname for field in fields]
    prepared = {
        place: _preparation(field, connection)
        for place, field in enumerate(fields)
        if isinstance(field, JSONTextField) or not isinstance(field, _TAKEN_AS_THEY_ARE)
    }
    for row in rows:
        held = row.__dict__
        values = [held[name] for name in names]
        for place, prepare in prepared.items():
            if values[place] is not None:
                values[place] = prepare(values[place])
        yield values


def _preparation(field: Field[Any, Any], connection: Any) -> Callable[[Any], Any]:
    if isinstance(field, JSONTextField):
        return jsontext.dumps
    if isinstance(field, models.DateTimeField):
        adapt: Callable[[Any], Any] = connection.ops.adapt_datetimefield_value
        return adapt
    return partial(field.get_db_prep_save, connection=connection)
