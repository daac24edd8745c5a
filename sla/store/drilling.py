"""The cases behind a number of the figures: exactly those that it counts, the last received first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.drilled import CountedCase, FigureCell
from sla.core.measures import DUE_MEASURES
from sla.store.facts import FACTS


class BehindPlace(NamedTuple):
    """Where a list goes on."""

    received_at: datetime
    case_id: CaseId


async def cases_of(
    db: Database,
    cell: FigureCell,
    *,
    today: date,
    now: datetime,
    zone: str,
    after: BehindPlace | None,
    limit: int,
) -> Sequence[CountedCase]:
    """What `tallies.read` counts there, case by case."""
    # What is counted, by the index of its days; what is not yet, by that of those, read as the figures read it.
    rows = await db.fetch(
        f"""
        WITH k AS MATERIALIZED (
            SELECT * FROM sla."case" WHERE NOT settled AND NOT private AND received_at IS NOT NULL
        ), {FACTS}, every AS (
            SELECT case_id, day, holder, measure, value FROM fact WHERE measure = $3
            UNION ALL
            SELECT c.case_id, u.day, u.holder, u.measure, u.value FROM sla.counted AS c
            JOIN sla."case" AS s ON s.case_id = c.case_id AND s.settled
            CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
            WHERE c.days && ARRAY(SELECT d::date FROM generate_series($4::date, $5::date, interval '1 day') AS d)
              AND u.measure = $3
        ), found AS (
            SELECT case_id, count(*)::int AS times FROM every
            WHERE day >= $4 AND day <= $5 AND ($6::int IS NULL OR value >= $6) AND (day < $7 OR NOT $8)
              AND CASE WHEN $9::text = 'department' AND $10::text IS NOT NULL THEN holder = $10 ELSE holder IS NULL END
            GROUP BY case_id
        )
        SELECT c.case_id::text, c.tracking_code, c.received_at, c.lead, c.category, c.region, c.closed_at, f.times
        FROM found AS f JOIN sla."case" AS c USING (case_id)
        WHERE NOT c.private AND ($10::text IS NULL OR $9 = 'department'
               OR COALESCE(CASE $9 WHEN 'category' THEN c.category WHEN 'region' THEN c.region ELSE c.channel END, '') = $10)
          AND ($11::text IS NULL OR COALESCE(c.region, '') = $11)
          AND ($12::timestamptz IS NULL OR (c.received_at, c.case_id) < ($12, $13::uuid))
        ORDER BY c.received_at DESC, c.case_id DESC LIMIT $14
        """,  # noqa: S608  made of this package's constants
        now,
        zone,
        cell.measure,
        cell.first,
        cell.last,
        cell.least,
        today,
        cell.measure in DUE_MEASURES,
        cell.grouping,
        cell.key,
        cell.region,
        after and after.received_at,
        after and after.case_id,
        limit,
    )
    return [CountedCase(*row) for row in rows]
