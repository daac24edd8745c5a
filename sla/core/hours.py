"""Working hours: segments of a day, those of single weekdays and seasons, and how a file writes them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

from schemas.errors import Unusable

_DAY = timedelta(days=1)
_NOTHING = timedelta()
#: Of a calendar's id: enough to tell the few that a city ever had (project choice).
_DIGITS = 8
_WEEK = frozenset(range(1, 8))
_WRITTEN_SEGMENT = re.compile(r"\s*(\d{1,2}:[0-5]\d)\s*-\s*(\d{1,2}:[0-5]\d)\s*", re.ASCII)
_NO_WEEKDAYS = Unusable(
    zh="`weekdays` 应为 1（星期一）至 7 的数字", en="`weekdays` are numbers from 1, Monday, to 7"
)
#: Any that has a 29 February (by definition).
_LEAP_YEAR = 2000


class Segment(NamedTuple):
    """Working hours from `start` up to, not including, `end`: both since midnight; 24:00 ends a full day."""

    start: timedelta
    end: timedelta


class OtherHours(NamedTuple):
    """Hours of some days of the week, or of a season, that differ from the usual ones; the first that agrees counts."""

    segments: tuple[Segment, ...]
    #: 1 is Monday.
    weekdays: frozenset[int] = frozenset(range(1, 8))
    #: Month and day, both included; a season may cross the new year.
    first: tuple[int, int] = (1, 1)
    last: tuple[int, int] = (12, 31)

    def agrees(self, day: date) -> bool:
        """Whether these hours are those of that day: of its season and weekday."""
        place = (day.month, day.day)
        crosses = self.first > self.last
        within = (place >= self.first or place <= self.last) if crosses else self.first <= place <= self.last
        return within and day.isoweekday() in self.weekdays


def check_segments(segments: Sequence[Segment]) -> None:
    """Nothing, where they are in order and inside one day.

    Raises:
        ValueError: empty, overlapping, or past 24:00.
    """
    edges = [edge for segment in segments for edge in segment]
    in_order = edges == sorted(edges) and all(start < end for start, end in segments)
    if not edges or not in_order or edges[0] < _NOTHING or edges[-1] > _DAY:
        raise Unusable(
            zh="工作时段须按先后排列、互不重叠，至迟 24:00 结束",
            en="working hours must be in order, not overlap, and end by 24:00",
        )


def parse_segments(texts: Iterable[str]) -> tuple[Segment, ...]:
    """`09:00-12:00` and the like.

    Raises:
        ValueError: not two times of day.
    """
    return tuple(_segment(text) for text in texts)


def _segment(text: str) -> Segment:
    found = _WRITTEN_SEGMENT.fullmatch(text)
    if found is None:
        raise Unusable(
            zh=f'时段应写成 "09:00-17:00"，而不是 {text!r}',
            en=f'hours are written "09:00-17:00", not {text!r}',
        )
    start, end = found.groups()
    return Segment(_since_midnight(start), _since_midnight(end))


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.strip().split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people call a clock, or hours of work."""

    zh: str
    en: str


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar as calendars.toml, or a city's rules, write it."""

    hours: tuple[str, ...]
    weekdays: frozenset[int]
    holidays: str | None = None
    other_hours: tuple["WrittenHours", ...] = ()
    label: Label

    @property
    def digest(self) -> str:
        """Another one with each change of what it says of days and hours."""
        said = msgspec.json.encode(msgspec.structs.replace(self, label=Label(zh="", en="")), order="sorted")
        return sha256(said).hexdigest()[:_DIGITS]

    @property
    def problems(self) -> Iterator[Unusable]:
        """What is wrong with these hours as they are written, each as one sentence."""
        try:
            check_segments(parse_segments(self.hours))
            for other in self.other_hours:
                other.check()
        except Unusable as error:
            yield error
        if not self.weekdays or not self.weekdays <= _WEEK:
            yield _NO_WEEKDAYS
        if self.holidays not in (None, "CN"):
            yield Unusable(zh='`holidays` 应为 "CN"，或不写', en='`holidays` is "CN", or left out')


class WrittenHours(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"first": "from", "last": "to"},
    forbid_unknown_fields=True,
):
    """Hours of some days of the week, or of a season: `from` and `to` as MM-DD, both included."""

    hours: tuple[str, ...]
    weekdays: frozenset[int] = frozenset(range(1, 8))
    first: str = "01-01"
    last: str = "12-31"

    def value(self) -> OtherHours:
        """These hours of a season or of weekdays, as a calendar keeps them."""
        return OtherHours(parse_segments(self.hours), self.weekdays, _place(self.first), _place(self.last))

    def check(self) -> None:
        """Nothing, where some day can have them.

        Raises:
            ValueError: no hours, no weekday, or no day of a year.
        """
        check_segments(self.value().segments)
        if not self.weekdays or not self.weekdays <= _WEEK:
            raise _NO_WEEKDAYS


def _place(text: str) -> tuple[int, int]:
    try:
        month, day = map(int, text.split("-"))
        date(_LEAP_YEAR, month, day)
    except ValueError as error:
        raise Unusable(
            zh=f'一年中的日期应写成 "MM-DD"，而不是 {text!r}',
            en=f'a day of the year is written "MM-DD", not {text!r}',
        ) from error
    return month, day


def length(segments: Iterable[Segment]) -> timedelta:
    """Working time of a day with these segments."""
    return sum((end - start for start, end in segments), _NOTHING)
