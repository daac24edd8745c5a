"""Working calendars: which days are worked, at which hours, and which years are only provisional.

Everything is counted once when a calendar is built, so that working-time arithmetic is a look-up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from schemas.errors import DataRefused

#: Days that a calendar covers; what lies outside is refused, never guessed.
FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2049, 12, 31)
DEFAULT = "china"

_DAY = timedelta(days=1)
_NOTHING = timedelta()


class CalendarTooShort(DataRefused):
    """The date lies outside the years that the calendar covers."""

    code = "calendar-too-short"

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})")


class Segment(NamedTuple):
    """Working hours from `start` up to, not including, `end`: both since midnight; 24:00 ends a full day."""

    start: timedelta
    end: timedelta


class DayOverride(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody with the authority says about one day; it wins over everything computed."""

    day: date
    is_workday: bool
    name: str = ""
    #: A day of the State Council's notice announces its whole year; a local day off does not.
    announces_year: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Working days and hours of one place. Compared by identity: build it once and hand it on."""

    name: str
    zone: ZoneInfo
    segments: tuple[Segment, ...]
    workdays: frozenset[date]
    #: Years whose make-up days are known; None where nothing is ever announced.
    announced_years: frozenset[int] | None
    day_length: timedelta = field(init=False)
    _counts: Sequence[int] = field(init=False, repr=False)
    _midnights: Sequence[datetime] = field(init=False, repr=False)
    _closes: Sequence[datetime] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_segments(self.segments)
        days = sorted(self.workdays)
        flags = (day in self.workdays for day in _days())
        midnights = [datetime.combine(day, time(), self.zone).astimezone(UTC) for day in days]
        derived = {
            "day_length": sum((end - start for start, end in self.segments), _NOTHING),
            "_counts": list(accumulate(flags, initial=0)),
            "_midnights": midnights,
            "_closes": [midnight + self.segments[-1].end for midnight in midnights],
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def local_day(self, moment: datetime) -> date:
        """The day it is there."""
        return moment.astimezone(self.zone).date()

    def workdays_through(self, moment: datetime) -> int:
        """How many working days began by the end of that moment's day."""
        return self._counts[_index(moment.astimezone(self.zone)) + 1]

    def closes_by(self, moment: datetime) -> int:
        """How many working days had closed by `moment`."""
        begun = self.workdays_through(moment)
        return begun - 1 if begun and self._closes[begun - 1] > moment else begun

    def close_of(self, count: int) -> datetime:
        """When the working day with that number closes."""
        if not 0 < count <= len(self._closes):
            raise CalendarTooShort(LAST_DAY + _DAY)
        return self._closes[count - 1]

    def worked_by(self, moment: datetime) -> timedelta:
        """Working time from the calendar's first day to `moment`."""
        local = moment.astimezone(self.zone)
        index = _index(local)
        before, through = self._counts[index], self._counts[index + 1]
        worked = before * self.day_length
        if before == through:
            return worked
        passed = timedelta(
            hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        for start, end in self.segments:
            if passed <= start:
                break
            worked += min(passed, end) - start
        return worked

    def workdays_between(self, start: datetime, end: datetime) -> float:
        """Working time between the two, in working days; part of a day is part."""
        return (self.worked_by(end) - self.worked_by(start)) / self.day_length

    def moment_of(self, worked: timedelta) -> datetime:
        """The first moment by which that much was worked: a segment's end, never the next one's start."""
        days, rest = divmod(worked, self.day_length)
        if not rest:
            return self.close_of(days)
        if not 0 <= days < len(self._midnights):
            raise CalendarTooShort(LAST_DAY + _DAY)
        return self._midnights[days] + self._time_of_day(rest)

    def _time_of_day(self, worked: timedelta) -> timedelta:
        for start, end in self.segments:
            if worked <= end - start:
                return start + worked
            worked -= end - start
        raise AssertionError("more than a day's work in a day")

    def is_working_time(self, moment: datetime) -> bool:
        """Whether work goes on at `moment`, or has just ended."""
        local = moment.astimezone(self.zone)
        passed = local.replace(tzinfo=None) - datetime.combine(local.date(), time())
        if passed == _NOTHING and self._ends_at_midnight(local.date() - _DAY):
            return True
        return local.date() in self.workdays and any(start <= passed <= end for start, end in self.segments)

    def _ends_at_midnight(self, day: date) -> bool:
        return day in self.workdays and self.segments[-1].end == _DAY

    def is_provisional(self, start: datetime, end: datetime) -> bool:
        """Whether a year between the two is not announced, so that a date reached across it may move."""
        if self.announced_years is None:
            return False
        years = range(self.local_day(start).year, self.local_day(end).year + 1)
        return not self.announced_years.issuperset(years)


def _days() -> Iterable[date]:
    return map(date.fromordinal, range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1))


def _index(local: datetime) -> int:
    index = local.toordinal() - FIRST_DAY.toordinal()
    if not 0 <= index <= (LAST_DAY - FIRST_DAY).days:
        raise CalendarTooShort(local.date())
    return index


def check_segments(segments: Sequence[Segment]) -> None:
    """Nothing, where they are in order and inside one day.

    Raises:
        ValueError: empty, overlapping, or past 24:00.
    """
    edges = [edge for segment in segments for edge in segment]
    in_order = edges == sorted(edges) and all(start < end for start, end in segments)
    if not edges or not in_order or edges[0] < _NOTHING or edges[-1] > _DAY:
        raise ValueError("working hours must be in order, not overlap, and end by 24:00")


def parse_segments(texts: Iterable[str]) -> tuple[Segment, ...]:
    """`09:00-12:00` and the like.

    Raises:
        ValueError: not two times of day.
    """
    return tuple(_segment(text) for text in texts)


def _segment(text: str) -> Segment:
    start, _, end = text.partition("-")
    return Segment(_since_midnight(start), _since_midnight(end))


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.strip().split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


class _Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar as calendars.toml writes it."""

    hours: tuple[str, ...]
    weekdays: frozenset[int]
    holidays: str | None = None


@cache
def _shapes() -> dict[str, _Shape]:
    text = (resources.files("sla") / "data" / "calendars.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, dict[str, _Shape]])["calendar"]


def calendar_names() -> tuple[str, ...]:
    """The calendars that can be asked for by name."""
    return tuple(_shapes())


def named_calendar(
    name: str, *, overrides: Iterable[DayOverride] = (), zone: str = "Asia/Shanghai"
) -> Calendar:
    """One of the calendars in calendars.toml, with `overrides` on top.

    Raises:
        KeyError: there is none of that name.
    """
    shape = _shapes()[name]
    workdays, announced = _statutory(shape.weekdays, shape.holidays)
    told = tuple(overrides)
    on = {entry.day for entry in told if entry.is_workday}
    off = {entry.day for entry in told if not entry.is_workday}
    if announced is not None:
        announced |= {entry.day.year for entry in told if entry.announces_year}
    return Calendar(
        name=name,
        zone=ZoneInfo(zone),
        segments=parse_segments(shape.hours),
        workdays=(workdays | on) - off,
        announced_years=announced,
    )


def china_calendar(*, overrides: Iterable[DayOverride] = (), zone: str = "Asia/Shanghai") -> Calendar:
    """The default: statutory holidays and make-up days (调休) of mainland China, in office hours."""
    return named_calendar(DEFAULT, overrides=overrides, zone=zone)


@cache
def _statutory(
    weekdays: frozenset[int], country: str | None
) -> tuple[frozenset[date], frozenset[int] | None]:
    """Working days, and the years for which the country's make-up days are known.

    For a year that is not announced the package returns the statutory days with no make-up day at all, and
    says nothing; a year counts as announced where it knows at least one. Every notice since 2001 has some.
    """
    worked = {day for day in _days() if day.isoweekday() in weekdays}
    if country is None:
        return frozenset(worked), None
    # Here, because it takes a fifth of a second, and most commands need no calendar.
    from holidays import country_holidays

    holidays = country_holidays(country, years=range(FIRST_DAY.year, LAST_DAY.year + 1))
    makeup = {day for day in holidays.weekend_workdays if FIRST_DAY <= day <= LAST_DAY}
    return frozenset((worked - set(holidays)) | makeup), frozenset(day.year for day in makeup)
