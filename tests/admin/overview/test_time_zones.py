from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from sessions_app.admin.overview.figures import Overview
from sessions_app.admin.overview.span import Span

NEW_YORK = ("America/New_York", date(2026, 10, 31), ["04:00", "04:00", "05:00"])  # Clocks go back on 1 November.
KATHMANDU = ("Asia/Kathmandu", date(2026, 10, 31), ["18:15", "18:15", "18:15"])
BERLIN = ("Europe/Berlin", date(2026, 3, 28), ["23:00", "23:00", "22:00"])  # Clocks go forward on 29 March.


@pytest.mark.parametrize(("zone", "first", "starts"), [NEW_YORK, KATHMANDU, BERLIN], ids=lambda value: str(value)[:8])
def test_days_begin_at_midnight_of_the_current_zone(happen, zone, first, starts):
    with timezone.override(zone):
        span = Span(first, first.replace(day=first.day) + (date(2026, 1, 3) - date(2026, 1, 1)))
        found = [Span(day, day).start.astimezone(UTC) for day in span.days]
        assert [f"{start:%H:%M}" for start in found] == starts
        for start in found:
            happen(start)
            happen(datetime.fromtimestamp(start.timestamp() - 1, UTC))
        assert [day.sessions for day in Overview(span, None).days] == [2, 2, 1]
        assert [day.messages for day in Overview(span, None).days] == [2, 2, 1]
        assert [day.runs for day in Overview(span, None).days] == [2, 2, 1]
        assert Overview(span, None).before.sessions == 1


def test_a_year_of_days_is_told_apart(happen):
    span = Span(date(2025, 11, 1), date(2026, 11, 1))
    happen(datetime(2025, 11, 1, tzinfo=UTC))
    happen(datetime(2026, 6, 15, 12, tzinfo=UTC))
    happen(datetime(2026, 11, 1, 23, 59, 59, 999999, tzinfo=UTC))
    days = Overview(span, None).days
    assert len(days) == 366
    assert [number for number, day in enumerate(days) if day.runs] == [0, (date(2026, 6, 15) - span.first).days, 365]
