"""Reads whose SQL is made once.

To build a queryset and to compile it costs Django several times what a database needs to find one row by an index. The
reads that answer most requests are therefore written as querysets like all others, but compiled on their first use and
run with other values from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, InterfaceError, NotSupportedError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import JSONField, QuerySet
from django.db.models.query import ModelIterable

from sessions_app import jsontext, planned
from sessions_app.fields import JSONTextField
from sessions_app.statements import stored_row

Row = TypeVar("Row")
_INTEGER = 2**62
"""Stands, plus a number, for a whole number that is not known yet; no row has such an id."""


class Prepared(Generic[Row]):
    """``Prepared(build)(value, ..., using=alias)`` gives the rows of ``build(alias, value, ...)``.

    ``build`` is called once for each way in which values are text, whole numbers or None. Text and whole numbers may
    change from run to run, so they must go as they are into look-ups for equality, into comparisons, or into
    ``contains`` and ``icontains``. Other values are part of the query: each makes another. Rows are instances, with
    those that ``select_related`` joins to them directly, or tuples where ``build`` ends in ``values_list``; nothing is
    prefetched. ``rows=(start, stop)`` gives a slice. ``is_planned`` is false where the database should look at the
    values before it decides how to find the rows.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.queryset = build
        """What was given: for a query that is part of another."""
        self._compiled: dict[Any, _Compiled] = {}

    def __call__(
        self,
        *values: Any,
        using: str = DEFAULT_DB_ALIAS,
        rows: tuple[int, int] | None = None,
        is_planned: bool = True,
    ) -> list[Row]:
        kind = using, *[type(value) if type(value) in _MARKED else value for value in values]
        compiled = self._compiled.get(kind)
        if compiled is None:
            compiled = self._compiled[kind] = _compile(self.queryset, values, using)
        return cast(list[Row], compiled.rows(values, using, rows, is_planned))

    def anew(self, *values: Any, using: str = DEFAULT_DB_ALIAS, rows: tuple[int, int] | None = None) -> list[Row]:
        """The same by a query that is built for these values alone, where ``build`` looks at them."""
        found = self.queryset(using, *values)
        return list(found if rows is None else found[slice(*rows)])


_MARKED: dict[type, Callable[[int], Any]] = {str: "\x1e{}\x1e".format, int: lambda place: _INTEGER + place}
"""What stands for the value at a place, by the value's type, while a query is compiled."""
_JSON = (JSONTextField, JSONField)
_part = "%{}%".format
"""What ``contains`` makes of a text."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int, bool], ...]
    """``(place among the parameters, place among the values, whether as a part that LIKE looks for)``"""
    converters: tuple[tuple[int, Any, Any], ...]
    """``(column, functions, expression)``"""
    json: tuple[int, ...]
    """Columns of JSON texts."""
    read: Callable[[Any], Any] | None
    """Makes an instance of a row; None where the row is what is wanted."""

    def rows(self, values: tuple[Any, ...], using: str, rows: tuple[int, int] | None, is_planned: bool) -> list[Any]:
        connection, sql = connections[using], self.sql
        parameters = list(self.parameters)
        for place, value, is_part in self.places:
            parameters[place] = _part(connection.ops.prep_for_like_query(values[value])) if is_part else values[value]
        if rows is not None:
            sql = f"{sql} LIMIT {rows[1] - rows[0]:d} OFFSET {rows[0]:d}"
        found = _fetched(sql, parameters, connection, is_planned)
        if found and (self.converters or self.json):
            found = self._converted(found, connection)
        return [self.read(row) for row in found] if self.read else found

    def _converted(self, rows: list[tuple[Any, ...]], connection: BaseDatabaseWrapper) -> list[Any]:
        """The rows in Python's values; all their JSON texts are read as one."""
        changed = [list(row) for row in rows]
        for place, functions, expression in self.converters:
            for row in changed:
                for function in functions:
                    row[place] = function(row[place], expression, connection)
        if self.json:
            values = iter(jsontext.loads_all([row[place] for row in rows for place in self.json]))
            for row in changed:
                for place in self.json:
                    row[place] = next(values)
        return changed if self.read else [tuple(row) for row in changed]


def _fetched(sql: str, parameters: list[Any], connection: BaseDatabaseWrapper, is_planned: bool) -> list[Any]:
    """The database's rows; asked for over a new connection where the kept one turns out to be dead, and planned anew
    where a migration has changed their columns.
    """
    try:
        return planned.fetch(sql, parameters, connection, is_planned)
    except NotSupportedError:
        if connection.vendor != "postgresql" or connection.in_atomic_block:
            raise  # The rollback makes PostgreSQL's driver forget all plans.
        planned.forget(connection)
        return planned.fetch(sql, parameters, connection, is_planned)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return planned.fetch(sql, parameters, connection, is_planned)


def _compile(build: Callable[..., QuerySet[Any, Any]], values: tuple[Any, ...], using: str) -> _Compiled:
    marked = [_MARKED[type(value)](place) if type(value) in _MARKED else value for place, value in enumerate(values)]
    queryset = build(using, *marked)
    compiler: Any = queryset.query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    places = [
        (place, number, parameter != mark)
        for place, parameter in enumerate(parameters)
        for number, mark in enumerate(marked)
        if type(mark) in _MARKED and parameter in {mark, _part(mark)}
    ]
    lost = {number for number, mark in enumerate(marked) if type(mark) in _MARKED} - {number for _, number, _ in places}
    if lost:
        raise TypeError(f"The values at {sorted(lost)} do not reach the query as they are")
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    json = {column for column, (_, expression) in converters.items() if isinstance(expression.output_field, _JSON)}
    return _Compiled(
        sql,
        tuple(parameters),
        tuple(places),
        tuple((column, *converter) for column, converter in converters.items() if column not in json),
        tuple(json),
        _reader(compiler, using) if queryset._iterable_class is ModelIterable else None,
    )


def _reader(compiler: Any, using: str) -> Callable[[Any], Any]:
    """What makes of a row the instance that the queryset itself would give, and those that are joined to it."""
    own, joined = compiler.klass_info, compiler.klass_info.get("related_klass_infos", [])
    make = _maker(own, compiler.select, using)
    others = [(each["field"], _maker(each, compiler.select, using)) for each in joined]
    annotations = list(compiler.annotation_col_map.items())

    def read(row: Any) -> Any:
        instance = make(row)
        for field, make_other in others:
            field.set_cached_value(instance, make_other(row))
        for name, place in annotations:
            instance.__dict__[name] = row[place]
        return instance

    return read


def _maker(info: Any, select: Any, using: str) -> Callable[[Any], Any]:
    """What makes an instance of its columns in a row; None where an outer join found none."""
    model, places = info["model"], info["select_fields"]
    names = [select[place][0].target.attname for place in places]
    start, end = places[0], places[-1] + 1
    key = places[names.index(model._meta.pk.attname)]

    def make(row: Any) -> Any:
        return None if row[key] is None else stored_row(model, using, zip(names, row[start:end], strict=True))

    return make
