"""Days of the city: which one a moment lies in, and when one ends. The zone is the city's (`City.zone`), nobody else's."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day there in which this moment lies; of midnight the day that ends with it."""
    return (moment - timedelta(microseconds=1)).astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The midnight with which the day ends there, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def ends_a_day(local: datetime) -> bool:
    """Whether this moment, told in the city's time, is 24:00 of the day before rather than 00:00 of its own."""
    return local.time() == time()
