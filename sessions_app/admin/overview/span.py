"""A range of days in the current time zone, and which day a row belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Expression, IntegerField, Value, When
from django.utils import timezone

LONGEST = 366
BEFORE = -1
"""The number of the day that stands for the whole range before."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @classmethod
    def until_today(cls, days: int) -> Span:
        today = timezone.localdate()
        return cls(today - timedelta(days - 1), today)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Span:
        """As many days, up to this range."""
        return Span(self.first - timedelta(len(self.days)), self.first - timedelta(1))

    @property
    def start(self) -> datetime:
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return midnight(self.last + timedelta(1))

    def day_number(self, column: str) -> Expression:
        """Which day of the range ``column`` lies in, from 0; BEFORE for what came earlier.

        The days' bounds come from Python: MariaDB knows no time zones unless somebody loads their tables, and SQLite
        would ask Python about every row. A tree of comparisons asks 9 times for a day of a year.
        """
        starts = [midnight(day) for day in self.days]

        def number(low: int, high: int) -> Expression:
            if high - low == 1:
                return Value(low)
            middle = (low + high) // 2
            return Case(
                When(**{f"{column}__lt": starts[middle]}, then=number(low, middle)), default=number(middle, high)
            )

        return Case(default=number(BEFORE, len(starts)), output_field=IntegerField())


def midnight(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())
