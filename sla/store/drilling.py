"""The cases behind a number of the figures: exactly those that it counts, the latest day first."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.drilled import CountedCase, FigureCell
from sla.store.facts import DUE, FACTS, LEFT_OUT

#: Does what is counted as `{0}` belong to the cell? $3 to $5 are the measure and its days, $6 the least value.
_IN_CELL = """
    {0}.measure = $3 AND {0}.day >= $4 AND {0}.day <= $5 AND ($6::int IS NULL OR {0}.value >= $6)
    AND {0}.holder IS NOT DISTINCT FROM CASE WHEN $7::text = 'department' THEN $8::text END
"""
#: As `sla.counted_marks` writes it: of which category, district or channel.
_OF_GROUP = """
    CASE WHEN $7 <> 'department' AND $8::text IS NOT NULL THEN ARRAY[pg_catalog.hashtext($7 || ' ' || $8)] ELSE '{}' END
    || CASE WHEN $9::text IS NOT NULL THEN ARRAY[pg_catalog.hashtext('region ' || $9)] ELSE '{}' END
"""
#: What is counted, a day after the other from the last, until the page is full: the days' order is that in which they are
#: made. A day's cases are found by the mark of the number; numbers may share one (`_MARKS` of `sla.sum_tables`), so each is
#: looked at, but not before it is its turn: of a day with thousands the page's alone.
_COUNTED = f"""
    SELECT x.* FROM generate_series(LEAST($5::date, $10::date)::timestamp, $4::date::timestamp, interval '-1 day') AS g
    CROSS JOIN LATERAL (
        SELECT g::date AS day, f.case_id, t.times FROM (
            SELECT c.case_id FROM sla.counted AS c
            WHERE sla.counted_marks(c.days, c.holders, c.measures, c.category, c.region, c.channel)
                  @> (sla.counted_mark($3, CASE WHEN $7 = 'department' THEN $8 END, g::date) || {_OF_GROUP})
              AND ($10 IS NULL OR (g::date, c.case_id) < ($10, $11::uuid))
              AND ($8 IS NULL OR $7 = 'department'
                   OR CASE $7 WHEN 'category' THEN c.category WHEN 'region' THEN c.region ELSE c.channel END = $8)
              AND ($9 IS NULL OR c.region = $9) AND ($13::text IS NULL OR c.item = $13)
              AND ($14::text IS NULL OR c.tags @> ARRAY[$14])
            ORDER BY c.case_id DESC OFFSET 0
        ) AS f CROSS JOIN LATERAL (
            SELECT max(u.day) AS day, count(*)::int AS times FROM sla.counted AS c
            CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
            WHERE c.case_id = f.case_id AND {_IN_CELL.format("u")}
        ) AS t
        WHERE t.day = g::date
          AND (SELECT s.settled AND NOT s.private FROM sla."case" AS s WHERE s.case_id = f.case_id) LIMIT $12
    ) AS x LIMIT $12
"""  # noqa: S608  made of this module's constants
#: What is not counted yet, few, read as the figures read it.
_LIVE = f"""
    SELECT f.day, k.case_id, f.times FROM (
        SELECT case_id, max(day) AS day, count(*)::int AS times
        FROM (SELECT * FROM fact UNION ALL SELECT * FROM left_out) AS x WHERE {_IN_CELL.format("x")} GROUP BY case_id
    ) AS f JOIN k USING (case_id)
    WHERE ($10 IS NULL OR (f.day, k.case_id) < ($10, $11))
      AND ($8 IS NULL OR $7 = 'department'
           OR COALESCE(CASE $7 WHEN 'category' THEN k.category WHEN 'region' THEN k.region ELSE k.channel END, '') = $8)
      AND ($9 IS NULL OR COALESCE(k.region, '') = $9) AND ($13 IS NULL OR k.item = $13)
      AND ($14 IS NULL OR k.tags @> ARRAY[$14])
"""  # noqa: S608  made of this module's constants


class BehindPlace(NamedTuple):
    """Where a list goes on."""

    day: date
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
    """What `tallies.read` counts there, case by case; each on the latest of its days."""
    last = min(cell.last, today - timedelta(days=1)) if cell.counted in DUE else cell.last
    rows = await db.fetch(
        f"""
        WITH k AS MATERIALIZED (
            SELECT * FROM sla."case" WHERE NOT settled AND NOT private AND received_at IS NOT NULL
        ), {FACTS}, {LEFT_OUT}, found AS (({_COUNTED}) UNION ALL ({_LIVE}))
        SELECT c.case_id::text, c.tracking_code, c.received_at, c.lead, c.category, c.region, c.closed_at, f.times, f.day
        FROM (SELECT * FROM found ORDER BY day DESC, case_id DESC LIMIT $12) AS f
        JOIN sla."case" AS c USING (case_id)
        ORDER BY f.day DESC, f.case_id DESC
        """,  # noqa: S608  made of this package's constants
        now,
        zone,
        cell.counted,
        cell.first,
        last,
        cell.least,
        cell.grouping,
        cell.key,
        cell.region,
        after and after.day,
        after and after.case_id,
        limit,
        cell.item,
        cell.tag,
    )
    return [CountedCase(*row) for row in rows]


async def changed_since(db: Database, case_ids: Sequence[CaseId], at: datetime) -> frozenset[CaseId]:
    """Those of these cases that were counted anew since then, or are not in the sums as they are."""
    # By primary keys.
    rows = await db.fetch(
        """
        SELECT k.case_id::text FROM sla."case" AS k LEFT JOIN sla.counted AS c USING (case_id)
        WHERE k.case_id = ANY($1::uuid[]) AND (NOT k.settled OR c.counted_at > $2)
        """,
        list(case_ids),
        at,
    )
    return frozenset(CaseId(row["case_id"]) for row in rows)
