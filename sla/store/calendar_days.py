"""Days that somebody declared worked or off."""

from collections.abc import Sequence

from schemas.ports import Database
from sla.core.calendar import DEFAULT, DayOverride


async def calendar_overrides(db: Database, calendar: str = DEFAULT) -> tuple[DayOverride, ...]:
    """Everything declared for one calendar, in order of days."""
    rows = await db.fetch(
        "SELECT day, is_workday, name, source FROM sla.calendar_day WHERE calendar = $1 ORDER BY day",
        calendar,
    )
    return tuple(
        DayOverride(
            day=row["day"],
            is_workday=row["is_workday"],
            name=row["name"],
            announces_year=row["source"] == "notice",
        )
        for row in rows
    )


async def calendar_stamp(db: Database, calendar: str = DEFAULT) -> str:
    """Changes whenever the declared days do: who keeps a calendar compares it to know when to rebuild."""
    stamp: str = await db.fetchval(
        """SELECT md5(COALESCE(string_agg(day::text || is_workday::text || source, ',' ORDER BY day), ''))
           FROM sla.calendar_day WHERE calendar = $1""",
        calendar,
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
