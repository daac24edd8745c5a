"""Reports of a day, a week or a month: when one is made, and the spans that it is compared with."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.days import end_of_day
from sla.core.calendar import Calendar

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
#: The same weekday about a year ago: a Monday is compared with a Monday (by arithmetic: 52 weeks).
_YEAR = timedelta(days=364)
#: Project choice: cases that ended before midnight are in the sums by then.
_MADE_AFTER = time(1)


class Period(StrEnum):
    """How many days a report covers."""

    #: 日报
    DAY = "day"
    #: 周报, from Monday
    WEEK = "week"
    #: 月报
    MONTH = "month"


#: How many that were missed, as while nothing ran, are made up for (project choice).
_MADE_UP: dict[Period, int] = {Period.DAY: 7, Period.WEEK: 4, Period.MONTH: 2}


class Days(NamedTuple):
    """From `first` to `last`, both included."""

    first: date
    last: date


class Covered(NamedTuple):
    """A report to be made: its days, and those that stand beside them."""

    period: Period
    days: Days
    #: The same days of the week before; of a month, the month before.
    before: Days
    #: The same days a year ago, a week beginning on its Monday.
    year_ago: Days


def to_be_made(now: datetime, calendar: Calendar) -> Iterator[Covered]:
    """Every report whose span is over, the latest first, as far back as they are made up for."""
    local = now.astimezone(calendar.zone)
    today = local.date() if local.time() >= _MADE_AFTER else local.date() - _DAY
    for period in Period:
        last = _end_before(period, today)
        for _ in range(_MADE_UP[period]):
            covered = covering(period, last)
            yield covered
            last = covered.days.first - _DAY


def _end_before(period: Period, today: date) -> date:
    if period is Period.DAY:
        return today - _DAY
    return (
        today - timedelta(days=today.weekday() + 1) if period is Period.WEEK else today.replace(day=1) - _DAY
    )


def are_over(days: Days, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the last of these days was over there at that moment."""
    return end_of_day(days.last, zone) <= at


def covering(period: Period, last: date) -> Covered:
    """The report that ends on that day."""
    if period is Period.MONTH:
        days = Days(last.replace(day=1), last)
        return Covered(period, days, _month_until(days.first - _DAY), _month_of(last.year - 1, last.month))
    days = Days(last if period is Period.DAY else last - _WEEK + _DAY, last)
    return Covered(period, days, _shifted(days, _WEEK), _shifted(days, _YEAR))


def _shifted(days: Days, by: timedelta) -> Days:
    return Days(days.first - by, days.last - by)


def _month_until(last: date) -> Days:
    return Days(last.replace(day=1), last)


def _month_of(year: int, month: int) -> Days:
    following = date(year + month // 12, month % 12 + 1, 1)
    return Days(date(year, month, 1), following - _DAY)
