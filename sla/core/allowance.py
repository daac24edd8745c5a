"""How much time is allowed, as people write it: `5 working days`, `24 hours`, `3个工作日`."""

import re
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class TimeUnit(StrEnum):
    """What an allowance is counted in. Only those that say "working" stop at night and on holidays."""

    #: 分钟: every minute, day and night
    MINUTES = "minutes"
    #: 小时: every hour, day and night
    HOURS = "hours"
    #: 工作分钟: inside working hours
    WORKING_MINUTES = "working minutes"
    #: 工作小时: inside working hours
    WORKING_HOURS = "working hours"
    #: 工作日: from the day after the start, to the close of business
    WORKING_DAYS = "working days"
    #: 自然日: from the day after the start, to the end of the day
    CALENDAR_DAYS = "calendar days"


_LENGTHS = {
    TimeUnit.MINUTES: timedelta(minutes=1),
    TimeUnit.HOURS: timedelta(hours=1),
    TimeUnit.WORKING_MINUTES: timedelta(minutes=1),
    TimeUnit.WORKING_HOURS: timedelta(hours=1),
}

_SPELLINGS = {
    "minute": TimeUnit.MINUTES,
    "分钟": TimeUnit.MINUTES,
    "hour": TimeUnit.HOURS,
    "小时": TimeUnit.HOURS,
    "working minute": TimeUnit.WORKING_MINUTES,
    "工作分钟": TimeUnit.WORKING_MINUTES,
    "working hour": TimeUnit.WORKING_HOURS,
    "工作小时": TimeUnit.WORKING_HOURS,
    "working day": TimeUnit.WORKING_DAYS,
    "wd": TimeUnit.WORKING_DAYS,
    "工作日": TimeUnit.WORKING_DAYS,
    "calendar day": TimeUnit.CALENDAR_DAYS,
    "day": TimeUnit.CALENDAR_DAYS,
    "天": TimeUnit.CALENDAR_DAYS,
    "日": TimeUnit.CALENDAR_DAYS,
    "自然日": TimeUnit.CALENDAR_DAYS,
}

_WRITTEN = re.compile(r"\s*(?P<amount>[0-9]{1,5})\s*个?\s*(?P<unit>\D+?)\s*")


class Allowance(NamedTuple):
    """An amount of time in one unit."""

    amount: int
    unit: TimeUnit

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.amount == 1 else self.unit
        return f"{self.amount} {unit}"

    @property
    def length(self) -> timedelta:
        """How long it is, for the units that have a fixed length."""
        return self.amount * _LENGTHS[self.unit]


@lru_cache(maxsize=1024)
def parse_allowance(text: str) -> Allowance:
    """The allowance that `text` names; `str()` of it reads back as the same.

    Raises:
        ValueError: no positive whole number, or a unit that is none of ours.
    """
    written = _WRITTEN.fullmatch(text)
    unit = _unit(written["unit"]) if written else None
    if written is None or unit is None or int(written["amount"]) == 0:
        units = ", ".join(TimeUnit)
        raise ValueError(f"{text!r} is no allowance: a whole number above 0 and one of {units}")
    return Allowance(int(written["amount"]), unit)


def is_allowance(text: str) -> bool:
    """Whether `parse_allowance` reads it."""
    try:
        parse_allowance(text)
    except ValueError:
        return False
    return True


def _unit(text: str) -> TimeUnit | None:
    words = " ".join(text.lower().split())
    return _SPELLINGS.get(words) or _SPELLINGS.get(words.removesuffix("s"))
