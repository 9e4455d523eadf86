"""A new row with others that belong to it, and the stored row that counts them: a run, its messages, its session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from sessions_app import planned, statements
from sessions_app.statements import MAX_ROWS, Columns, columns_of


@dataclass(frozen=True, slots=True)
class Family:
    """A new ``row``, new ``children`` that belong to it ``by`` a foreign key, and the stored ``owner`` of all of them.

    To columns of the owner something is ``added``, others are ``changed``, and its foreign keys in ``pointing`` lead
    to the row.
    """

    row: Model
    children: Sequence[Model]
    by: str
    owner: Model
    added: Mapping[str, int]
    changed: Mapping[str, Any]
    pointing: tuple[str, ...] = ()

    def insert(self, *, unless: tuple[str, ...]) -> bool:
        """Store all that, unless there is such a row: one with the same values in these columns, which are unique.
        Whether it did; the instances follow.
        """
        using = self.owner._state.db or DEFAULT_DB_ALIAS
        if connections[using].vendor == "postgresql" and len(self.children) <= MAX_ROWS:
            return self._insert_at_once(using, unless)
        if not statements.insert_unless_there(self.row, unique=unless, using=using):
            return False
        self._join()
        statements.insert(self.children, using=using)
        statements.update(self.owner, added=self.added, changed={**self.changed, **self._pointers()})
        return True

    def _insert_at_once(self, using: str, unless: tuple[str, ...]) -> bool:
        """The same in one statement, as PostgreSQL can: that saves two ways there and back."""
        new = columns_of(type(self.row), using)
        count = len(self.children)
        own = columns_of(type(self.children[0]), using, without=self.by) if count else None
        owner = columns_of(type(self.owner), using, tuple(self.changed))
        values = next(new.values([self.row.__dict__]))
        for child in own.values(child.__dict__ for child in self.children) if own else ():
            values += child
        changed = dict(zip(owner.attributes, self.changed.values(), strict=True))
        values += [*self.added.values(), *next(owner.values([changed])), self.owner.pk]
        sql = _statement(new, unless, own, count, f"{self.by}_id", owner, tuple(self.added), self.pointing)
        stored = planned.write(sql, values, connections[using])
        if not stored:
            return False
        key, keys = stored[0]
        statements.know([self.row], [key], using)
        statements.know(self.children, keys, using)
        self._join()
        statements.follow(self.owner, added=self.added, changed={**self.changed, **self._pointers()})
        return True

    def _join(self) -> None:
        for child in self.children:
            statements.belong(child, self.by, self.row)

    def _pointers(self) -> dict[str, Model]:
        return dict.fromkeys(self.pointing, self.row)


@lru_cache(maxsize=256)
def _statement(
    new: Columns,
    unless: tuple[str, ...],
    own: Columns | None,
    count: int,
    by: str,
    owner: Columns,
    added: tuple[str, ...],
    pointing: tuple[str, ...],
) -> str:
    """Gives the key of the row and those of its children, in their order; nothing where there is such a row."""
    row = f"row AS ({statements.insertion(new, 1, unless)} RETURNING {new.key} AS row_key)"
    children = "children AS (SELECT NULL::bigint AS child_key WHERE false)"
    if own is not None:
        # Of the first of several rows of values PostgreSQL learns their types.
        typed = f"({', '.join(f'%s::{type_}' for type_ in own.types)})"
        said = ", ".join([typed, *[f"({', '.join(['%s'] * len(own.types))})"] * (count - 1)])
        children = f"""children AS (
            INSERT INTO {own.table} ({", ".join(own.names)}, {own.quote(by)})
            SELECT said.*, row_key FROM row, (VALUES {said}) AS said
            RETURNING {own.key} AS child_key)"""  # noqa: S608
    changes = statements.assignments(owner, added) + [f"{owner.quote(f'{name}_id')} = row_key" for name in pointing]
    return f"""WITH {row}, {children}
        UPDATE {owner.table} SET {", ".join(changes)} FROM row WHERE {owner.table}.{owner.key} = %s
        RETURNING row_key, ARRAY(SELECT child_key FROM children ORDER BY child_key)"""  # noqa: S608
