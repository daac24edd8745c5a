"""Which reports are due, and what stands beside them."""

from datetime import date
from itertools import pairwise

import pytest

from sla.core.calendar import Calendar
from sla.core.reports import Days, Period, covering, to_be_made
from tests.unit.sla.moments import at


def _due(moment: str, china: Calendar) -> dict[Period, list[Days]]:
    found: dict[Period, list[Days]] = {}
    for covered in to_be_made(at(moment), china):
        found.setdefault(covered.period, []).append(covered.days)
    return found


def test_only_what_is_over_is_reported(china: Calendar) -> None:
    """Yesterday, last week from Monday to Sunday, and last month; and what was missed before them, without a gap."""
    due = _due("2026-12-01 09:00", china)

    assert Days(date(2026, 11, 30), date(2026, 11, 30)) == due[Period.DAY][0]
    assert Days(date(2026, 11, 23), date(2026, 11, 29)) == due[Period.WEEK][0]
    assert Days(date(2026, 11, 1), date(2026, 11, 30)) == due[Period.MONTH][0]
    assert Days(date(2026, 10, 1), date(2026, 10, 31)) == due[Period.MONTH][1]
    for days in due.values():
        assert all((later.first - earlier.last).days == 1 for later, earlier in pairwise(days))


def test_a_day_is_reported_when_it_is_counted(china: Calendar) -> None:
    """Not at midnight, but an hour later, in the city."""
    assert date(2026, 11, 29) == _due("2026-12-01 00:59", china)[Period.DAY][0].last
    assert date(2026, 11, 30) == _due("2026-12-01 01:00", china)[Period.DAY][0].last


@pytest.mark.parametrize(
    ("period", "last", "before", "year_ago"),
    [
        (Period.DAY, date(2026, 11, 30), date(2026, 11, 23), date(2025, 12, 1)),
        (Period.WEEK, date(2026, 11, 29), date(2026, 11, 16), date(2025, 11, 24)),
        (Period.MONTH, date(2024, 2, 29), date(2024, 1, 1), date(2023, 2, 1)),
        (Period.MONTH, date(2026, 12, 31), date(2026, 11, 1), date(2025, 12, 1)),
    ],
)
def test_a_span_is_compared_with_its_like(period: Period, last: date, before: date, year_ago: date) -> None:
    """A Monday with Mondays, a week with weeks, a month with whole months."""
    covered = covering(period, last)

    assert (last, before, year_ago) == (covered.days.last, covered.before.first, covered.year_ago.first)
    if period is not Period.MONTH:
        assert (
            covered.days.first.weekday() == covered.before.first.weekday() == covered.year_ago.first.weekday()
        )
    assert covered.year_ago.last.month == covered.year_ago.first.month or period is not Period.MONTH
