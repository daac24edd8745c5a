"""Figures: spans of calendar days in the city's zone, and rates that never divide by nothing."""

from datetime import UTC, date, datetime, time, timedelta
from math import exp, fsum, lgamma, log
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.errors import BadInput, FieldError

_DAY = timedelta(days=1)
#: Project choice: about a month, today included.
_DAYS_SHOWN = timedelta(days=29)
#: Project choice: no case is of another age, and midnight in the city is a moment in every one of them.
_YEARS = frozenset(range(1970, 2200))
#: Project choice: three years compare one with the two before it.
_LONGEST_SPAN = timedelta(days=3 * 366)


class Span(NamedTuple):
    """From `since` up to, not including, `until` (UTC)."""

    since: datetime
    until: datetime


def span_of(first: date, last: date, zone: ZoneInfo) -> Span:
    """The days from `first` to `last`, both included, as they begin and end in the city."""
    return Span(_midnight(first, zone), _midnight(last + _DAY, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def rate(part: int, whole: int) -> float | None:
    """The share, to four digits; None where there is nothing to share."""
    return round(part / whole, 4) if whole else None


def days_asked(first: date | None, last: date | None, *, today: date) -> tuple[date, date]:
    """The first and the last day, both included; thirty days up to today where none is named.

    Raises:
        BadInput: of another age, the wrong way round, or more than three years.
    """
    last = last or today
    if not {last.year, (first or last).year} <= _YEARS:
        raise BadInput([FieldError("from", "须为1970至2199年。", "Give years from 1970 to 2199.")])
    first = first or last - _DAYS_SHOWN
    if first > last or last - first > _LONGEST_SPAN:
        raise BadInput(
            [
                FieldError(
                    "from",
                    "起始日期须不晚于截止日期，且不超过三年。",
                    "The first day must not be after the last, and the span at most three years.",
                )
            ]
        )
    return first, last


#: Project choice: of fewer than five people one may guess who they are, a limit that statistical offices use; and bands of
#: that width let no single case be seen coming or going.
BAND = 5


class Band(NamedTuple):
    """Between so many and so many, both included."""

    least: int
    most: int


def band_of(count: int) -> Band:
    """The band in which the number lies: 0–4, 5–9, …"""
    least = count - count % BAND
    return Band(least, least + BAND - 1)


def whole_months(first: date, last: date, *, today: date) -> list[date]:
    """The first days of those months that lie in the span from their first to their last day, and are over."""
    month = first if first.day == 1 else _next_month(first)
    found = []
    while (following := _next_month(month)) - _DAY <= last and following <= today:
        found.append(month)
        month = following
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


#: A week with so many would come by chance once in a thousand (Poisson). Project choice: a city has some hundred pairs of
#: category and district.
_BY_CHANCE = 0.001


def is_burst(count: int, expected: float) -> bool:
    """Whether so many, where so many are usual, are more than chance; where fewer than one is usual, one is taken."""
    mean = max(expected, 1.0)
    # By logarithms: of a mean above 745 the first chances are no numbers any more, and their products nothing.
    fewer = fsum(exp(number * log(mean) - mean - lgamma(number + 1)) for number in range(count))
    return count > 0 and 1.0 - fewer < _BY_CHANCE
