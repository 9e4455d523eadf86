"""Reads whose SQL is made once.

To build a queryset and to compile it costs Django several times what a database needs to find one row by an index. The
reads that answer most requests are therefore written as querysets like all others, but compiled on their first use and
run with other values from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
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
    change from run to run, so they must go into look-ups for equality, or into comparisons, as they are. Other values
    are part of the query: each makes another. Rows are instances, with those that ``select_related`` joins to them
    directly, or tuples where ``build`` ends in ``values_list``; nothing is prefetched. ``rows=(start, stop)`` gives a
    slice.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.queryset = build
        """What was given: for a query that is part of another."""
        self._compiled: dict[Any, _Compiled] = {}

    def __call__(self, *values: Any, using: str = DEFAULT_DB_ALIAS, rows: tuple[int, int] | None = None) -> list[Row]:
        kind = using, *(type(value) if type(value) in _MARKED else value for value in values)
        compiled = self._compiled.get(kind)
        if compiled is None:
            compiled = self._compiled[kind] = _compile(self.queryset, values, using)
        return cast(list[Row], compiled.rows(values, using, rows))

    def anew(self, *values: Any, using: str = DEFAULT_DB_ALIAS, rows: tuple[int, int] | None = None) -> list[Row]:
        """The same by a query that is built for these values alone, where ``build`` looks at them."""
        found = self.queryset(using, *values)
        return list(found if rows is None else found[slice(*rows)])


_MARKED: dict[type, Callable[[int], Any]] = {str: "\x1e{}\x1e".format, int: lambda place: _INTEGER + place}
"""What stands for the value at a place, by the value's type, while a query is compiled."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    """``(place among the parameters, place among the values)``"""
    converters: tuple[tuple[int, Any, Any], ...]
    """``(column, functions, expression)``"""
    read: Callable[[Any], Any] | None
    """Makes an instance of a row; None where the row is what is wanted."""

    def rows(self, values: tuple[Any, ...], using: str, rows: tuple[int, int] | None) -> list[Any]:
        connection, sql = connections[using], self.sql
        parameters = list(self.parameters)
        for place, value in self.places:
            parameters[place] = values[value]
        if rows is not None:
            sql = f"{sql} LIMIT {rows[1] - rows[0]:d} OFFSET {rows[0]:d}"
        found = _fetched(sql, parameters, connection)
        if self.converters and found:
            found = self._converted(found, connection)
        return [self.read(row) for row in found] if self.read else found

    def _converted(self, rows: list[tuple[Any, ...]], connection: BaseDatabaseWrapper) -> list[tuple[Any, ...]]:
        """The rows in Python's values: column by column, and a column of JSON texts as one text."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, functions, expression in self.converters:
            if isinstance(expression.output_field, JSONTextField):
                columns[place] = jsontext.loads_all(columns[place])
                continue
            for function in functions:
                columns[place] = [function(value, expression, connection) for value in columns[place]]
        return list(zip(*columns, strict=True))


def _fetched(sql: str, parameters: list[Any], connection: BaseDatabaseWrapper) -> list[Any]:
    """The database's rows; asked for over a new connection where the kept one turns out to be dead."""
    try:
        return planned.fetch(sql, parameters, connection)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return planned.fetch(sql, parameters, connection)


def _compile(build: Callable[..., QuerySet[Any, Any]], values: tuple[Any, ...], using: str) -> _Compiled:
    marked = [_MARKED[type(value)](place) if type(value) in _MARKED else value for place, value in enumerate(values)]
    queryset = build(using, *marked)
    compiler: Any = queryset.query.get_compiler(using)
    sql, parameters = compiler.as_sql()
    places = {
        place: marked.index(parameter)
        for place, parameter in enumerate(parameters)
        if type(parameter) in _MARKED and parameter in marked
    }
    lost = {place for place, value in enumerate(values) if type(value) in _MARKED} - set(places.values())
    if lost:
        raise TypeError(f"The values at {sorted(lost)} do not reach the query as they are")
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    return _Compiled(
        sql,
        tuple(parameters),
        tuple(places.items()),
        tuple((column, functions, expression) for column, (functions, expression) in converters.items()),
        _reader(queryset, compiler, using) if queryset._iterable_class is ModelIterable else None,
    )


def _reader(queryset: QuerySet[Any, Any], compiler: Any, using: str) -> Callable[[Any], Any]:
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
