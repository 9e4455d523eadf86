"""Rows, INSERTs and UPDATEs, made without a query.

To compile such a statement costs Django several times what a database needs to run it, and a run that is recorded takes
three, or one that does the work of three (``families``); in an import, Django's constructors and its preparation of
each value take most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import Field, Model
from django.db.models.base import ModelState

from sessions_app import jsontext, planned
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


def belong(row: Model, name: str, owner: Model) -> None:
    """``setattr(row, name, owner)`` of a foreign key, without asking whether owner and database are the right ones."""
    row.__dict__[f"{name}_id"] = owner.pk
    row._state.fields_cache[name] = owner


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
    size = min(MAX_ROWS, connections[using].ops.bulk_batch_size(columns_of(type(rows[0]), using).names, rows))
    for start in range(0, len(rows), size):
        _insert(rows[start : start + size], using)


def insert_unless_there(row: Model, *, unique: tuple[str, ...], using: str) -> bool:
    """Store a new row, where none has the same values in the columns of a ``unique`` constraint; whether it did."""
    features: Any = connections[using].features
    if features.supports_update_conflicts_with_target and features.can_return_rows_from_bulk_insert:
        _insert([row], using, unique)
        return row.pk is not None
    # What MariaDB has instead of ON CONFLICT (...) DO NOTHING would hide all other errors as well.
    is_there = type(row)._base_manager.using(using).filter(**{name: row.__dict__[name] for name in unique}).exists()
    if not is_there:
        _insert([row], using)
    return not is_there


def insert_many(rows: Sequence[Model], *, using: str) -> None:
    """Store rows of one model, which all have a primary key or have none; they do not get to know theirs.

    One short statement, which the database compiles once and runs for each row.
    """
    if not rows:
        return
    columns = columns_of(type(rows[0]), using, with_key=rows[0].pk is not None)
    with connections[using].cursor() as cursor:
        cursor.executemany(insertion(columns, 1), list(columns.values(row.__dict__ for row in rows)))


def update(row: Model, *, added: Mapping[str, int], changed: Mapping[str, Any]) -> None:
    """Add to some of a stored row's columns by SQL arithmetic and set others; the instance follows."""
    using = row._state.db or DEFAULT_DB_ALIAS
    follow(row, added=added, changed=changed)
    columns = columns_of(type(row), using, tuple(changed))
    values = next(columns.values([row.__dict__]))
    planned.write(_updating(columns, tuple(added)), [*added.values(), *values, row.pk], connections[using])


def follow(row: Model, *, added: Mapping[str, int], changed: Mapping[str, Any]) -> None:
    """Let an instance know what ``update`` did to its row."""
    for name, amount in added.items():
        setattr(row, name, getattr(row, name) + amount)
    for name, value in changed.items():
        setattr(row, name, value)


def know(rows: Iterable[Model], keys: Iterable[Any], using: str) -> None:
    """Let new rows know that they are stored, and by which keys."""
    for row, key in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding, row._state.db = False, using


def _insert(rows: Sequence[Model], using: str, unless: tuple[str, ...] = ()) -> None:
    connection, columns = connections[using], columns_of(type(rows[0]), using)
    values = [value for row in columns.values(row.__dict__ for row in rows) for value in row]
    sql = insertion(columns, len(rows), unless)
    if connection.features.can_return_rows_from_bulk_insert:
        keys = [key for (key,) in planned.write(f"{sql} RETURNING {columns.key}", values, connection)]
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            key = connection.ops.last_insert_id(cursor, columns.table, columns.key) if len(rows) == 1 else None
        keys = [key] * len(rows)
    know(rows, keys, using)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns of a model in a database, names quoted. One for all threads, so that it keeps no thread's connection."""

    using: str
    table: str
    key: str
    attributes: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[str, ...]
    prepared: tuple[tuple[int, Field[Any, Any]], ...]
    """Those whose values databases do not take as they are, by place."""

    def values(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Any]]:
        """What goes into the columns, of rows by attribute."""
        connection = connections[self.using]
        prepared = [(place, _preparation(field, connection)) for place, field in self.prepared]
        for row in rows:
            values = [row[attribute] for attribute in self.attributes]
            for place, prepare in prepared:
                if values[place] is not None:
                    values[place] = prepare(values[place])
            yield values

    def quote(self, name: str) -> str:
        return connections[self.using].ops.quote_name(name)


@lru_cache(maxsize=256)
def columns_of(
    model: type[Model], using: str, only: tuple[str, ...] | None = None, *, without: str = "", with_key: bool = False
) -> Columns:
    """The columns of a model: ``only`` these, or all; ``without`` a field, and unless wanted without its key."""
    meta, connection = cast(Any, model._meta), connections[using]
    fields = [meta.get_field(name) for name in only] if only is not None else meta.concrete_fields
    chosen = [field for field in fields if field.name != without and (with_key or not field.primary_key)]
    return Columns(
        using,
        connection.ops.quote_name(meta.db_table),
        connection.ops.quote_name(meta.pk.column),
        tuple(field.attname for field in chosen),
        tuple(connection.ops.quote_name(field.column) for field in chosen),
        tuple(field.db_type(connection) for field in chosen),
        tuple(
            (place, field)
            for place, field in enumerate(chosen)
            if isinstance(field, JSONTextField) or not isinstance(field, _TAKEN_AS_THEY_ARE)
        ),
    )


@lru_cache(maxsize=256)
def insertion(columns: Columns, rows: int, unless: tuple[str, ...] = ()) -> str:
    """INSERT of so many rows, with a place for each of their values; ``unless`` names a unique constraint's columns."""
    one = f"({', '.join(['%s'] * len(columns.names))})"
    sql = f"INSERT INTO {columns.table} ({', '.join(columns.names)}) VALUES {', '.join([one] * rows)}"  # noqa: S608
    return f"{sql} ON CONFLICT ({', '.join(map(columns.quote, unless))}) DO NOTHING" if unless else sql


def assignments(columns: Columns, added: Iterable[str]) -> list[str]:
    """What an UPDATE sets, with places for what is ``added`` to columns of these names, and for values of others."""
    sums = [f"{column} = {column} + %s" for column in map(columns.quote, added)]
    return sums + [f"{column} = %s" for column in columns.names]


@lru_cache(maxsize=256)
def _updating(columns: Columns, added: tuple[str, ...]) -> str:
    return f"UPDATE {columns.table} SET {', '.join(assignments(columns, added))} WHERE {columns.key} = %s"  # noqa: S608


def _preparation(field: Field[Any, Any], connection: Any) -> Callable[[Any], Any]:
    if isinstance(field, JSONTextField):
        return jsontext.dumps
    if isinstance(field, models.DateTimeField):
        adapt: Callable[[Any], Any] = connection.ops.adapt_datetimefield_value
        return adapt
    return partial(field.get_db_prep_save, connection=connection)
