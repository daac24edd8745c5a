"""The same deadlines by two engines that share nothing with ours: one walks minute by minute, one is numpy's.

Both get the working days of 2010 to 2029 from `holidays` themselves: twenty years, make-up days included where announced.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest
from holidays import country_holidays

from sla.core.allowance import Allowance, TimeUnit
from sla.core.calendar import china_calendar
from sla.core.deadline import Pause, due_at
from tests.unit.sla.moments import CHINA

CALENDAR = china_calendar()
_YEARS = range(2010, 2030)
_HOLIDAYS = country_holidays("CN", years=range(2010, 2032))
_MADE_UP = set(_HOLIDAYS.weekend_workdays)
_OPEN = ((time(9), time(12)), (time(13, 30), time(17, 30)))
_MINUTE = timedelta(minutes=1)


def _is_worked(day: date) -> bool:
    return day in _MADE_UP or (day.isoweekday() < 6 and day not in _HOLIDAYS)


def _starts(count: int, seed: int) -> Sequence[datetime]:
    chance = random.Random(seed)
    return [
        datetime(chance.choice(_YEARS), 1, 1, tzinfo=CHINA) + timedelta(minutes=chance.randrange(365 * 1440))
        for _ in range(count)
    ]


def _walked_days(start: datetime, days: int, pauses: Sequence[Pause]) -> datetime:
    """Close by close: one counts where the clock runs at it."""
    day = start.date()
    while days:
        day += timedelta(days=1)
        close = datetime.combine(day, time(17, 30), CHINA)
        if _is_worked(day) and not any(begin < close <= end for begin, end in pauses):
            days -= 1
    return datetime.combine(day, time(17, 30), CHINA)


def _walked_minutes(start: datetime, minutes: int) -> datetime:
    """Minute by minute: one counts where the office is open for all of it."""
    moment = start
    while minutes:
        is_open = any(begin <= moment.time() < end for begin, end in _OPEN)
        minutes -= _is_worked(moment.date()) and is_open
        moment += _MINUTE
    return moment


def _of_numpy(start: datetime, days: int) -> datetime:
    """numpy's business days, with every day that is not worked as its holiday."""
    first = date(start.year, 1, 1)
    span = [first + timedelta(days=n) for n in range(800)]
    off = np.array([day for day in span if not _is_worked(day)], dtype="datetime64[D]")
    begun = np.busday_offset(
        np.datetime64(start.date()), 0, roll="backward", weekmask="1111111", holidays=off
    )
    end = np.busday_offset(begun, days, weekmask="1111111", holidays=off)
    return datetime.combine(end.astype(object), time(17, 30), CHINA)


def test_walking_day_by_day_comes_to_the_same() -> None:
    """With pauses, overlapping and not."""
    chance = random.Random(1)
    for start in _starts(2000, 2):
        begins = [start + timedelta(hours=chance.randrange(600)) for _ in range(chance.randrange(3))]
        pauses = [Pause(begin, begin + timedelta(hours=chance.randrange(300))) for begin in begins]
        days = chance.randint(1, 40)
        ours = due_at(start, Allowance(days, TimeUnit.WORKING_DAYS), CALENDAR, pauses=pauses).at

        assert _walked_days(start, days, pauses) == ours, (start, days, pauses)


def test_walking_minute_by_minute_comes_to_the_same() -> None:
    """Over nights, lunch breaks, weekends and golden weeks."""
    chance = random.Random(3)
    for start in _starts(60, 4):
        minutes = chance.randint(1, 1200)
        ours = due_at(start, Allowance(minutes, TimeUnit.WORKING_MINUTES), CALENDAR).at

        assert _walked_minutes(start, minutes) == ours, (start, minutes)


@pytest.mark.parametrize("days", [1, 5, 10, 15, 30, 60])
def test_numpy_comes_to_the_same(days: int) -> None:
    """Its own arithmetic of business days, over the same twenty years."""
    for start in _starts(150, days):
        # From 2010 on: before it numpy would have to look behind our first day.
        if start >= datetime(2010, 1, 5, tzinfo=CHINA):
            ours = due_at(start, Allowance(days, TimeUnit.WORKING_DAYS), CALENDAR).at
            assert _of_numpy(start, days) == ours, start
