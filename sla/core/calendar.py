"""Working calendars: which days are worked, at which hours, and which years are only provisional.

Everything is counted once when a calendar is built, so that working-time arithmetic is a look-up.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from importlib import resources
from itertools import accumulate
from zoneinfo import ZoneInfo

import msgspec

from schemas.city import DEFAULT_TIME_ZONE
from schemas.errors import DataRefused, Unusable
from schemas.words import Language
from sla.core.hours import Label, OtherHours, Segment, Shape, check_segments, length, parse_segments

#: Days that a calendar covers; what lies outside is refused, never guessed.
FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2049, 12, 31)
DEFAULT = "china"

_DAY = timedelta(days=1)
_NOTHING = timedelta()
#: What `holidays` says of days that follow from the others.
_MOVED = re.compile(r"observed|substituted")
#: ISO's number.
_SATURDAY = 6
_TICK = timedelta(microseconds=1)


class CalendarTooShort(DataRefused):
    """The date lies outside the years that the calendar covers."""

    code = "calendar-too-short"

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} lies outside the calendar ({FIRST_DAY} to {LAST_DAY})")
        self._day = day

    def message(self, language: Language) -> str:
        """Also in Chinese: whoever asks for a deadline reads it."""
        zh = f"{self._day} 超出日历范围（{FIRST_DAY} 至 {LAST_DAY}）"
        return language.choose(zh, super().message(language))


class DayOverride(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody with the authority says about one day; it wins over everything computed."""

    day: date
    is_workday: bool
    name: str = ""
    #: A day of the State Council's notice announces its whole year; a local day off does not.
    announces_year: bool = True


def _unknown(_name: str) -> None:
    """A calendar that knows no other."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """Working days and hours of one place. Compared by identity: build it once and hand it on."""

    name: str
    zone: ZoneInfo
    segments: tuple[Segment, ...]
    workdays: frozenset[date]
    #: Years whose make-up days are known; None where nothing is ever announced.
    announced_years: frozenset[int] | None
    other_hours: tuple[OtherHours, ...] = ()
    #: What people call it; None of those that no file describes.
    label: Label | None = None
    #: Whose hours counted before, and from which day on these do: the case was moved.
    earlier: "tuple[Calendar, date] | None" = None
    #: The city's alone: which calendar each department keeps that has one of its own, and where those are found by name.
    departments: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: "Callable[[str], Calendar | None]" = field(default=_unknown, repr=False)
    #: Of the usual hours.
    day_length: timedelta = field(init=False)
    _counts: Sequence[int] = field(init=False, repr=False)
    _days: Sequence[date] = field(init=False, repr=False)
    _hours: Sequence[tuple[Segment, ...]] = field(init=False, repr=False)
    _closes: Sequence[datetime] = field(init=False, repr=False)
    #: Working time before each working day, and before the end of time.
    _worked: Sequence[timedelta] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_segments(self.segments)
        for other in self.other_hours:
            check_segments(other.segments)
        days = sorted(self.workdays)
        flags = (day in self.workdays for day in _days())
        hours = [self._hours_of(day) for day in days]
        derived = {
            "day_length": length(self.segments),
            "_counts": list(accumulate(flags, initial=0)),
            "_days": days,
            "_hours": hours,
            "_closes": [
                self._moment(day, segments[-1].end) for day, segments in zip(days, hours, strict=True)
            ],
            "_worked": list(accumulate(map(length, hours), initial=_NOTHING)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def of(self, department: str | None) -> "Calendar":
        """The one that this department keeps; most keep the city's."""
        own = self.departments.get(department) if department else None
        return (self.known(own) if own else None) or self

    def _hours_of(self, day: date) -> tuple[Segment, ...]:
        if self.earlier is not None and day < self.earlier[1]:
            return self.earlier[0]._hours_of(day)
        return next((other.segments for other in self.other_hours if other.agrees(day)), self.segments)

    def _moment(self, day: date, since_midnight: timedelta) -> datetime:
        """By the clock on the wall: where it is put forward or back at night, office hours stay what they are."""
        wall = datetime.combine(day, time()) + since_midnight
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def local_day(self, moment: datetime) -> date:
        """The day of that moment in the calendar's zone."""
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
        before, today = self._worked_today(moment)
        return self._worked[before] + today

    def _worked_today(self, moment: datetime) -> tuple[int, timedelta]:
        """Working days before that day, and the working time of the day itself by then."""
        local = moment.astimezone(self.zone)
        index = _index(local)
        before = self._counts[index]
        today = _NOTHING
        if before == self._counts[index + 1]:
            return before, today
        passed = timedelta(
            hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        for start, end in self._hours[before]:
            if passed <= start:
                break
            today += min(passed, end) - start
        return before, today

    def workdays_by(self, moment: datetime) -> Fraction:
        """Working days from the calendar's first day to `moment`; part of a day is part, as long as its hours are."""
        before, today = self._worked_today(moment)
        if not today:
            return Fraction(before)
        return Fraction(before) + Fraction(today // _TICK, length(self._hours[before]) // _TICK)

    def moment_of_workdays(self, days: Fraction) -> datetime:
        """The first moment by which so many working days had passed."""
        whole, part = divmod(days, 1)
        if not part:
            return self.close_of(int(whole))
        if not 0 <= whole < len(self._days):
            raise CalendarTooShort(LAST_DAY + _DAY)
        ticks = length(self._hours[int(whole)]) // _TICK
        return self._time_of(int(whole), round(part * ticks) * _TICK)

    def workdays_between(self, start: datetime, end: datetime) -> float:
        """Working time between the two, in working days; part of a day is part."""
        return float(self.workdays_by(end) - self.workdays_by(start))

    def moment_of(self, worked: timedelta) -> datetime:
        """The first moment by which that much was worked: a segment's end, never the next one's start."""
        number = bisect_left(self._worked, worked) - 1
        if not 0 <= number < len(self._days):
            raise CalendarTooShort(LAST_DAY + _DAY)
        return self._time_of(number, worked - self._worked[number])

    def _time_of(self, number: int, worked: timedelta) -> datetime:
        for start, end in self._hours[number]:
            if worked <= end - start:
                return self._moment(self._days[number], start + worked)
            worked -= end - start
        raise AssertionError("more than a day's work in a day")

    def is_working_time(self, moment: datetime) -> bool:
        """Whether work goes on at `moment`, or has just ended."""
        local = moment.astimezone(self.zone)
        day = local.date()
        passed = local.replace(tzinfo=None) - datetime.combine(day, time())
        if passed == _NOTHING and self._ends_at_midnight(day - _DAY):
            return True
        return day in self.workdays and any(start <= passed <= end for start, end in self._hours_of(day))

    def opens_after(self, moment: datetime) -> datetime:
        """When work begins the next time after `moment`."""
        today = self.local_day(moment)
        days = [day for day in (today, self.next_workday(today + _DAY)) if day in self.workdays]
        openings = (self._moment(day, segment.start) for day in days for segment in self._hours_of(day))
        return next(opening for opening in openings if opening > moment)

    def _ends_at_midnight(self, day: date) -> bool:
        return day in self.workdays and self._hours_of(day)[-1].end == _DAY

    def is_worked(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.workdays

    def next_workday(self, day: date) -> date:
        """That day, or the first working day after it."""
        count = self._counts[(day - FIRST_DAY).days] if FIRST_DAY <= day <= LAST_DAY else len(self._days)
        if count >= len(self._days):
            raise CalendarTooShort(day)
        return self._days[count]

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


@cache
def shipped_shapes() -> Mapping[str, Shape]:
    """The calendars of calendars.toml, as they are written there."""
    text = (resources.files("sla") / "data" / "calendars.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, dict[str, Shape]])["calendar"]


def named_calendar(
    name: str, *, overrides: Iterable[DayOverride] = (), zone: str = DEFAULT_TIME_ZONE
) -> Calendar:
    """One of the calendars in calendars.toml, with `overrides` on top; the same one for the same days, since it takes 30 ms.

    Raises:
        KeyError: there is none of that name.
    """
    return _named(name, tuple(overrides), zone)


@lru_cache(maxsize=16)
def _named(name: str, overrides: tuple[DayOverride, ...], zone: str) -> Calendar:
    return shaped_calendar(name, shipped_shapes()[name], overrides=overrides, zone=zone)


def shaped_calendar(
    name: str, shape: Shape, *, overrides: Iterable[DayOverride] = (), zone: str = DEFAULT_TIME_ZONE
) -> Calendar:
    """The calendar of that shape, with `overrides` on top."""
    workdays, announced = _statutory(shape.weekdays, shape.holidays)
    told = tuple(overrides)
    on = {entry.day for entry in told if entry.is_workday}
    off = {entry.day for entry in told if not entry.is_workday}
    if announced is not None:
        announced |= announced_by(told, shape.holidays)
    return Calendar(
        name=name,
        zone=ZoneInfo(zone),
        segments=parse_segments(shape.hours),
        workdays=(workdays | on) - off,
        announced_years=announced,
        other_hours=tuple(other.value() for other in shape.other_hours),
        label=shape.label,
    )


def china_calendar(*, overrides: Iterable[DayOverride] = (), zone: str = DEFAULT_TIME_ZONE) -> Calendar:
    """The default: statutory holidays and make-up days (调休) of mainland China, in office hours."""
    return named_calendar(DEFAULT, overrides=overrides, zone=zone)


def announced_by(days: Iterable[DayOverride], country: str | None) -> frozenset[int]:
    """The years of which these days are the whole notice: every statutory day off is in it, and a day made up for."""
    by_year: dict[int, dict[date, bool]] = {}
    for entry in days:
        if entry.announces_year:
            by_year.setdefault(entry.day.year, {})[entry.day] = entry.is_workday
    return frozenset(year for year, told in by_year.items() if not missing_of(year, told, country))


def missing_of(year: int, told: Mapping[date, bool], country: str | None = "CN") -> Sequence[Unusable]:
    """What a year's notice lacks to be whole: its statutory days of the week that it leaves worked, its make-up days.

    Source: 全国年节及纪念日放假办法 (State Council, 2024) names the days; each notice moves others around them.
    """
    if country is None:
        return ()
    from holidays import country_holidays  # here: see `_statutory`

    statutory = country_holidays(country, years=year, categories=("public",))
    lacking = [
        day
        for day, name in sorted(statutory.items())
        if day.year == year
        and day.isoweekday() < _SATURDAY
        and not _MOVED.search(name)
        and told.get(day, True)
    ]
    said = [_holiday(day, statutory[day], country) for day in lacking]
    if not any(told.values()):
        said.append(Unusable(zh=f"{year} 年的调休上班日", en=f"the make-up days of {year}"))
    return said


def _holiday(day: date, name: str, country: str) -> Unusable:
    from holidays import country_holidays  # here: see `_statutory`

    chinese = country_holidays(country, years=day.year, categories=("public",), language="zh_CN")
    return Unusable(zh=f"{day} {chinese.get(day, name)}", en=f"{day} {name}")


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
