"""Spans of days, rates, and the chart's bars."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.errors import BadInput
from sla.core.figures import band_of, days_asked, rate, span_of, whole_months
from sla.web.chart import bars
from tests.unit.sla.moments import CHINA


def test_a_day_is_the_citys_day() -> None:
    """Days begin and end at midnight in the city, not in UTC, and not 24 hours ago (CCRS #1462)."""
    span = span_of(date(2026, 11, 1), date(2026, 11, 30), CHINA)

    assert datetime(2026, 10, 31, 16, tzinfo=UTC) == span.since
    assert datetime(2026, 11, 30, 16, tzinfo=UTC) == span.until
    assert (UTC, UTC) == (span.since.tzinfo, span.until.tzinfo)


TODAY = date(2026, 11, 27)
THREE_YEARS = timedelta(days=3 * 366)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, (date(2026, 10, 29), TODAY)),
        (None, date(2026, 3, 1), (date(2026, 1, 31), date(2026, 3, 1))),
        (TODAY, TODAY, (TODAY, TODAY)),
        (date(2026, 12, 1), date(2026, 12, 9), (date(2026, 12, 1), date(2026, 12, 9))),
        (TODAY - THREE_YEARS, None, (TODAY - THREE_YEARS, TODAY)),
        (date(1970, 1, 1), date(1970, 1, 1), (date(1970, 1, 1), date(1970, 1, 1))),
        (date(2199, 12, 1), date(2199, 12, 31), (date(2199, 12, 1), date(2199, 12, 31))),
    ],
)
def test_the_days_that_are_asked_for(first: date | None, last: date | None, days: tuple[date, date]) -> None:
    """Thirty up to today where none is named; as short as a day, and up to three years."""
    assert days == days_asked(first, last, today=TODAY)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY + timedelta(days=1), None),
        (TODAY - THREE_YEARS - timedelta(days=1), TODAY),
        (date(1969, 12, 31), date(1970, 1, 2)),
        (date(2199, 12, 31), date(2200, 1, 1)),
        (None, date(1, 1, 1)),
    ],
)
def test_days_that_cannot_be_asked_for(first: date | None, last: date | None) -> None:
    """The wrong way round, more than three years, and ages in which no case was: said, and no server's mistake."""
    with pytest.raises(BadInput):
        days_asked(first, last, today=TODAY)


def test_a_rate_of_nothing_is_none() -> None:
    """No percentage without an n."""
    assert rate(0, 0) is None
    assert 0.6667 == rate(2, 3)


def test_bars_share_one_scale_and_fit() -> None:
    """The longest row fits the chart; what is not nothing is visible."""
    rows = bars([("a", 500, 499), ("b", 1, 0), ("c", 0, 0)])

    assert all(row.overdue_width + row.near_width <= 100 for row in rows)
    assert rows[1].overdue_width > 0
    assert (0, 0) == (rows[2].overdue_width, rows[2].near_width)


def test_no_departments_no_rows() -> None:
    """An empty city has an empty chart."""
    assert [] == list(bars([]))


@pytest.mark.parametrize(
    ("count", "band"), [(0, (0, 4)), (4, (0, 4)), (5, (5, 9)), (19, (15, 19)), (20, (20, 24))]
)
def test_few_are_told_in_bands(count: int, band: tuple[int, int]) -> None:
    """Of five, each number in one of them."""
    assert band == band_of(count)


@pytest.mark.parametrize(
    ("first", "last", "today", "months"),
    [
        ("2026-10-01", "2026-10-31", "2026-11-01", ["2026-10-01"]),
        ("2026-10-01", "2026-10-31", "2026-10-31", []),
        ("2026-10-02", "2026-11-29", "2027-01-01", []),
        ("2026-09-30", "2026-12-01", "2027-01-01", ["2026-10-01", "2026-11-01"]),
        ("2026-12-01", "2027-01-31", "2027-03-01", ["2026-12-01", "2027-01-01"]),
        ("2026-10-05", "2026-10-05", "2027-01-01", []),
    ],
)
def test_whole_months_that_are_over(first: str, last: str, today: str, months: list[str]) -> None:
    """Neither a part of one nor the one that runs, so that no two spans differ by a day."""
    found = whole_months(date.fromisoformat(first), date.fromisoformat(last), today=date.fromisoformat(today))

    assert [date.fromisoformat(month) for month in months] == found
