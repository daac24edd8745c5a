"""Counts cases that have ended into the sums of the figures, a piece at a time and off every message's path."""

from datetime import timedelta

from schemas.ports import Unit
from sla.core.calendar import Calendar
from sla.core.lives import hours_by_holder
from sla.store import deeds, tallies
from sla.store.tallies import Times

#: How long after its end a case is counted (project choice: what comes at once with the end has come by then, and figures
#: of cases that are not counted yet are read from the cases themselves).
GRACE = timedelta(minutes=10)


async def tally(unit: Unit, *, calendar: Calendar, limit: int) -> int:
    """Count at most so many; returns how many there were."""
    found = await tallies.uncounted(unit.db, unit.now - GRACE, limit)
    if not found:
        return 0
    times = [
        Times(life.case_id, measure, hours)
        for life in await deeds.answered_lives(unit.db, found)
        for measure, hours in hours_by_holder(life, calendar).items()
    ]
    await tallies.count(unit.db, found, times, now=unit.now, zone=str(calendar.zone))
    return len(found)
