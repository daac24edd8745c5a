"""Days that somebody declared worked or off."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from schemas.ports import Database
from sla.core.calendar import DEFAULT, DayOverride


async def declared_days(db: Database) -> dict[str, list[DayOverride]]:
    """Everything declared, by calendar, in order of days."""
    rows = await db.fetch(
        "SELECT calendar, day, is_workday, name, source FROM sla.calendar_day ORDER BY calendar, day"
    )
    return {
        calendar: [
            DayOverride(
                day=row["day"],
                is_workday=row["is_workday"],
                name=row["name"],
                announces_year=row["source"] == "notice",
            )
            for row in group
        ]
        for calendar, group in groupby(rows, key=itemgetter("calendar"))
    }


async def calendar_stamp(db: Database) -> str:
    """Changes whenever the declared days do: who keeps calendars compares it to know when to rebuild."""
    stamp: str = await db.fetchval(
        """SELECT md5(COALESCE(string_agg(calendar || day::text || is_workday::text || source, ','
                                          ORDER BY calendar, day), ''))
           FROM sla.calendar_day"""
    )
    return stamp


async def import_days(db: Database, days: Sequence[DayOverride], calendar: str = DEFAULT) -> None:
    """Declare these days; what was declared for them before is replaced."""
    await db.execute(
        """
        INSERT INTO sla.calendar_day (calendar, day, is_workday, name, source)
        SELECT $1, t.* FROM unnest($2::date[], $3::bool[], $4::text[], $5::text[]) AS t
        ON CONFLICT (calendar, day) DO UPDATE
            SET is_workday = EXCLUDED.is_workday, name = EXCLUDED.name, source = EXCLUDED.source
        """,
        calendar,
        [day.day for day in days],
        [day.is_workday for day in days],
        [day.name for day in days],
        ["notice" if day.announces_year else "local" for day in days],
    )


class CalendarChange(NamedTuple):
    """Days that were imported, both included, and why."""

    number: int
    first_day: date
    last_day: date
    reason: str


async def note_change(
    db: Database, days: Sequence[DayOverride], reason: str, calendar: str = DEFAULT
) -> None:
    """Write down that these days changed: of a year's notice its whole year, since all of it is known now."""
    first, last = min(day.day for day in days), max(day.day for day in days)
    if any(day.announces_year for day in days):
        first, last = first.replace(month=1, day=1), last.replace(month=12, day=31)
    await db.execute(
        """INSERT INTO sla.calendar_change (calendar, at, first_day, last_day, reason)
           VALUES ($1, clock_timestamp(), $2, $3, $4)""",
        calendar,
        first,
        last,
        reason,
    )


async def unsettled_changes(db: Database) -> list[CalendarChange]:
    """Changes after which not every deadline was certainly computed anew, in order."""
    rows = await db.fetch(
        """SELECT seq, first_day, last_day, reason FROM sla.calendar_change
           WHERE settled_at IS NULL ORDER BY seq"""
    )
    return [CalendarChange(*row) for row in rows]


async def settle_changes(db: Database, numbers: Sequence[int], older_than_seconds: float) -> None:
    """Every deadline was computed anew since, and nobody computes with the old days any more."""
    await db.execute(
        """UPDATE sla.calendar_change SET settled_at = now()
           WHERE seq = ANY($1::bigint[]) AND at < now() - make_interval(secs => $2)""",
        numbers,
        older_than_seconds,
    )
