"""Once a working day each department hears how much of its own is due and overdue, and the supervisors of all."""

from zoneinfo import ZoneInfo

from schemas.days import day_of, end_of_day
from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.notices import digest_notices, is_worked
from sla.store.digests import burdens


async def notify_digests(unit: Unit, *, calendar: Calendar, zone: ZoneInfo) -> int:
    """Say it, once a day however often it is called; how many are told. Nobody is on a day that nobody works."""
    if not is_worked(unit.now, calendar, zone):
        return 0
    day = day_of(unit.now, zone)
    notices = list(digest_notices(await burdens(unit.db, unit.now, end_of_day(day, zone)), day, unit.now))
    for notice in notices:
        unit.notify(notice)
    return len(notices)
