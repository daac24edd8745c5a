"""How much time is allowed, as people write it: `5 working days`, `24 hours`, `3个工作日`."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from schemas.bilingual import Bilingual
from schemas.errors import Unusable
from schemas.simplified import simplified


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
    #: 半个工作日: half of a working day's hours each, inside working hours
    HALF_WORKING_DAYS = "half working days"
    #: 自然日: from the day after the start, to the end of the day
    CALENDAR_DAYS = "calendar days"
    #: 周: seven calendar days each
    WEEKS = "weeks"
    #: 个月: to the end of the same day of a later month, or of that month's last day (民法典 Art. 202)
    MONTHS = "months"


#: Behind a number, in Chinese.
_ZH = {
    TimeUnit.MINUTES: "分钟",
    TimeUnit.HOURS: "小时",
    TimeUnit.WORKING_MINUTES: "个工作分钟",
    TimeUnit.WORKING_HOURS: "个工作小时",
    TimeUnit.WORKING_DAYS: "个工作日",
    TimeUnit.HALF_WORKING_DAYS: "个半天（工作日）",
    TimeUnit.CALENDAR_DAYS: "个自然日",
    TimeUnit.WEEKS: "周",
    TimeUnit.MONTHS: "个月",
}

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
    "half working day": TimeUnit.HALF_WORKING_DAYS,
    "半个工作日": TimeUnit.HALF_WORKING_DAYS,
    "半工作日": TimeUnit.HALF_WORKING_DAYS,
    "week": TimeUnit.WEEKS,
    "calendar week": TimeUnit.WEEKS,
    "周": TimeUnit.WEEKS,
    "星期": TimeUnit.WEEKS,
    "month": TimeUnit.MONTHS,
    "calendar month": TimeUnit.MONTHS,
    "月": TimeUnit.MONTHS,
}
#: Ends of days that roll over: on a day off, the period ends with the next working day (民法典 Art. 203).
WHOLE_DAYS = (TimeUnit.CALENDAR_DAYS, TimeUnit.WEEKS, TimeUnit.MONTHS)
#: Project choice: nothing that a citizen asks for may take more than a year; what does is a mistake in a rules file.
LONGEST_DAYS = 366
_ROLLED = re.compile(r"(?P<allowance>.*?)[,，、 ]*(rolled over|遇节假日顺延|顺延)\s*")
#: Days that each unit takes at most, for comparing with that: a working day falls on every other day at the least.
_DAYS = {
    TimeUnit.WORKING_DAYS: 1.5,
    TimeUnit.HALF_WORKING_DAYS: 0.75,
    TimeUnit.CALENDAR_DAYS: 1.0,
    TimeUnit.WEEKS: 7.0,
    TimeUnit.MONTHS: 30.5,
}
#: Working time of a day at the least, for the same comparison (project choice: the usual office hours, without lunch).
_OFFICE_DAY = timedelta(hours=7)

_HALF = re.compile(r"\s*(半个?工作日|half a working day)\s*")
_WRITTEN = re.compile(r"\s*(?P<amount>[0-9]{1,5})\s*个?\s*(?P<unit>\D+?)\s*")


class Allowance(NamedTuple):
    """An amount of time in one unit."""

    amount: int
    unit: TimeUnit

    @property
    def rolls(self) -> bool:
        """Whether it ends with the next working day, where it would end on a day off."""
        return False

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.amount == 1 else self.unit
        return f"{self.amount} {unit}" + (" rolled over" if self.rolls else "")

    def in_both(self) -> Bilingual:
        """As people read it, in Chinese and in English."""
        rolls = "，遇休息日顺延" if self.rolls else ""
        # 一个半工作日 would be one and a half.
        is_half = self == (1, TimeUnit.HALF_WORKING_DAYS)
        zh = "半个工作日" if is_half else f"{self.amount} {_ZH[self.unit]}{rolls}"
        return Bilingual(zh=zh, en=str(self))

    @property
    def days_at_most(self) -> float:
        """About how many days it takes, for telling a mistake from a term."""
        if self.unit in _DAYS:
            return self.amount * _DAYS[self.unit]
        day = timedelta(days=1) if self.unit in (TimeUnit.MINUTES, TimeUnit.HOURS) else _OFFICE_DAY / 1.5
        return self.length / day

    @property
    def length(self) -> timedelta:
        """How long it is, for the units that have a fixed length."""
        return self.amount * _LENGTHS[self.unit]


class RolledAllowance(Allowance):
    """One that rolls over: on a day off, it ends with the next working day (民法典 Art. 203)."""

    __slots__ = ()

    @property
    def rolls(self) -> bool:
        """It does: this allowance ends on a working day."""
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RolledAllowance) and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((*self, self.rolls))


@lru_cache(maxsize=1024)
def parse_allowance(text: str) -> Allowance:
    """The allowance that `text` names; `str()` of it reads back as the same.

    Raises:
        ValueError: no positive whole number, or a unit that is none of ours.
    """
    half_width = simplified(unicodedata.normalize("NFKC", text))
    rolled = _ROLLED.fullmatch(half_width)
    plain = rolled["allowance"] if rolled else half_width
    written = _WRITTEN.fullmatch(_HALF.sub("1 half working days", plain))
    unit = _unit(written["unit"]) if written else None
    if written is None or unit is None or int(written["amount"]) == 0:
        raise Unusable(
            zh=f"“{text}”不是时限：应为大于 0 的整数和以下单位之一：{_units_in_chinese(TimeUnit)}",
            en=f"{text!r} is no allowance: a whole number above 0 and one of {', '.join(TimeUnit)}",
        )
    if rolled and unit not in WHOLE_DAYS:
        raise Unusable(
            zh=f"“{text}”：只有{_units_in_chinese(WHOLE_DAYS)}可以顺延；其他的在工作时间内结束",
            en=f"{text!r}: only {', '.join(WHOLE_DAYS)} roll over; the others end in working time",
        )
    kind = RolledAllowance if rolled else Allowance
    return kind(int(written["amount"]), unit)


def _units_in_chinese(units: Iterable[TimeUnit]) -> str:
    half = {TimeUnit.HALF_WORKING_DAYS: "半工作日"}
    return "、".join(half.get(unit) or _ZH[unit].removeprefix("个") for unit in units)


def is_allowance(text: str) -> bool:
    """Whether `parse_allowance` reads it without an error."""
    try:
        parse_allowance(text)
    except ValueError:
        return False
    return True


def _unit(text: str) -> TimeUnit | None:
    words = " ".join(text.lower().split())
    return _SPELLINGS.get(words) or _SPELLINGS.get(words.removesuffix("s"))
