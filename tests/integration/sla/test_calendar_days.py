"""Declared days are kept, replaced, and noticed."""

from datetime import date

from sla.core.calendar import DayOverride
from sla.store.calendar_days import calendar_stamp, declared_days, import_days
from tests.integration.sla.events import Sla


async def test_imported_days_are_kept_per_calendar(sla: Sla) -> None:
    """What was imported comes back in order; a second import replaces the days that it names."""
    db = sla.unit.db
    notice = DayOverride(day=date(2027, 1, 2), is_workday=True, name="补班")
    typhoon = DayOverride(day=date(2027, 8, 3), is_workday=False, announces_year=False)
    await import_days(db, [typhoon, DayOverride(day=date(2027, 1, 2), is_workday=False)])
    await import_days(db, [notice])

    await import_days(db, [typhoon], "hall")

    assert {"china": [notice, typhoon], "hall": [typhoon]} == await declared_days(db)


async def test_whoever_keeps_a_calendar_notices_a_change(sla: Sla) -> None:
    """The stamp changes with the days, and only with them."""
    db = sla.unit.db
    empty = await calendar_stamp(db)
    await import_days(db, [DayOverride(day=date(2027, 1, 2), is_workday=True)])
    imported = await calendar_stamp(db)
    await import_days(db, [DayOverride(day=date(2027, 1, 2), is_workday=True)])

    assert empty != imported
    assert imported == await calendar_stamp(db)
