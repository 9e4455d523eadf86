"""Rows by the thousand: one short statement that the database compiles once and runs for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connections, models
from django.db.models import Field, Model
from django.db.models.base import ModelState

from sessions_app import jsontext
from sessions_app.fields import JSONTextField

Row = TypeVar("Row", bound=Model)
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


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """What a new row holds by attribute, and what makes it where that is another value each time."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = {name: field.default for name, field in fields.items() if field.has_default()}
    made = {name: default for name, default in given.items() if callable(default)}
    return {name: field.get_default() for name, field in fields.items() if name not in made}, made


def insert(using: str, rows: Sequence[Model]) -> None:
    """Insert rows of one model, which all have a primary key or have none; they do not get to know theirs.

    It saves what bulk_create spends: a call of several functions for each value, though the driver takes most as they
    are, and long statements, each of which the database compiles anew.
    """
    if not rows:
        return
    connection, meta = connections[using], rows[0]._meta
    fields = [field for field in meta.concrete_fields if rows[0].pk is not None or not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_values(rows, fields, connection)))


def _values(rows: Iterable[Model], fields: Sequence[Field[Any, Any]], connection: Any) -> Iterator[list[Any]]:
    read = itemgetter(*(field.attname for field in fields))
    prepared = {
        place: _preparation(field, connection)
        for place, field in enumerate(fields)
        if isinstance(field, JSONTextField) or not isinstance(field, _TAKEN_AS_THEY_ARE)
    }
    for row in rows:
        values = list(read(row.__dict__))
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
