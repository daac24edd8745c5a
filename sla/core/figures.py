"""Figures: spans of calendar days in the city's zone, and rates that never divide by nothing."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


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
