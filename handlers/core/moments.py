"""Parses dates and times that people type, in the city's zone, and checks how far ahead they may lie."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from schemas.days import end_of_day
from schemas.errors import named_wrong

#: A day of the city, or a moment with its offset, in ISO 8601. Project choice of length: the longest such has 35 characters.
MomentText = Annotated[str, msgspec.Meta(min_length=8, max_length=40)]


def moment_of(text: str, field: str, *, now: datetime, longest: timedelta, zone: ZoneInfo) -> datetime:
    """The moment that `text` names, UTC; of a day its end, in the city's time.

    Raises:
        BadInput: no moment, one that has passed, or one further ahead than `longest`, the last day counted whole.
    """
    moment = _read(text.strip(), zone)
    if moment is None:
        raise named_wrong(
            field, "请填写日期（年-月-日）或带时区的时间。", "Give a date, or a time with its offset."
        )
    if moment <= now:
        raise named_wrong(field, "必须晚于现在。", "It must be later than now.")
    if moment > end_of_day((now + longest).astimezone(zone).date(), zone):
        days = longest.days
        raise named_wrong(field, f"最长 {days} 天。", f"At most {days} days from now.")
    return moment


def coming_day(text: str, field: str, *, first: date, last: date) -> date:
    """The day that `text` names, from `first` to `last`.

    Raises:
        BadInput: no day, or another one.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise named_wrong(field, "请填写日期（年-月-日）。", "Give a date such as 2026-12-24.") from error
    if not first <= day <= last:
        raise named_wrong(
            field, f"须在 {first} 至 {last} 之间。", f"It must lie between {first} and {last}, both included."
        )
    return day


def _read(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        if len(text) <= len("2026-11-26"):
            return end_of_day(date.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
