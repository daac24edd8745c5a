"""The sums behind the figures: cases that have ended are counted once, those that may change are read as they are.

What is told in confidence, a report, or accuses somebody is in none of them: a sum of one would tell of it.

What a case adds to the sums is kept beside them (`sla.counted`), so that one that changes after all is taken out again,
whatever changed. Reading costs the sums of a span and the cases that have not been counted, however many there ever were.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.measures import Measure, Stretch, Sums
from sla.store.facts import DUE, FACTS, LEFT_OUT

#: A fact of a case counts for all, its category, its district and its channel; one of a department for that. What came of
#: a category in a district tells what repeats (`repeating`). Of an item and of a tag in a district, which tell what is most
#: frequent, a trigger of `sla.counted` sums the same (`sum_tables`).
_GROUPED = """
    CROSS JOIN LATERAL (
        SELECT g.grouping, g.key FROM (VALUES ('all', ''), ('category', f.category), ('region', f.region),
                                              ('channel', f.channel)) AS g (grouping, key) WHERE f.holder IS NULL
        UNION ALL SELECT 'matter', f.category || ' ' || f.region
            WHERE f.holder IS NULL AND f.measure = 'received' AND f.category <> ''
        UNION ALL SELECT 'department', f.holder WHERE f.holder IS NOT NULL) AS g
"""
#: What these cases added to the sums.
_COUNTED = """
    SELECT c.case_id, u.day, c.category, c.item, c.region, c.channel, u.holder, u.measure, u.value
    FROM {cases} JOIN sla.counted AS c USING (case_id)
    CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
"""


class Times(NamedTuple):
    """Whole working hours that somebody had a case."""

    case_id: CaseId
    measure: Measure
    hours: int


async def uncounted(db: Database, before: datetime, limit: int) -> list[CaseId]:
    """Cases that ended before then, and that are not in the sums as they are; held.

    What runs after the end, a supervisor's clock or that of a call-back, is not waited for: its breach counts the case
    anew. Of any other a breach that is still to be told is none yet: its case waits for that.
    """
    rows = await db.fetch(
        """
        SELECT k.case_id FROM sla."case" AS k
        WHERE NOT k.settled AND k.received_at IS NOT NULL AND k.closed_at < $1 AND NOT EXISTS (
            SELECT 1 FROM sla.clock AS c WHERE c.case_id = k.case_id
              AND (c.state <> 'stopped' OR c.next_alert_at IS NOT NULL)
              AND c.owner IS DISTINCT FROM 'supervisor' AND c.clock <> 'call_back')
        ORDER BY k.received_at LIMIT $2 FOR UPDATE OF k SKIP LOCKED
        """,
        before,
        limit,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def count(
    db: Database, case_ids: Sequence[CaseId], times: Sequence[Times], *, now: datetime, zone: str
) -> None:
    """Bring the sums to what these cases are; what they added before is taken out."""
    await db.execute(
        f"""
        WITH k AS MATERIALIZED (SELECT * FROM sla."case" WHERE case_id = ANY($3::uuid[])), {FACTS}, {LEFT_OUT},
        hours AS (
            SELECT t.case_id, (k.closed_at AT TIME ZONE $2)::date AS day, h.holder, t.measure, t.hours
            FROM unnest($4::uuid[], $5::text[], $6::int[]) AS t (case_id, measure, hours) JOIN k USING (case_id)
            CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(k.lead, ''))) AS h (holder)
        ), new AS MATERIALIZED (
            SELECT x.case_id, x.day, COALESCE(k.category, '') AS category, COALESCE(k.item, '') AS item,
                   COALESCE(k.region, '') AS region, COALESCE(k.channel, '') AS channel, x.holder, x.measure, x.value
            FROM (SELECT * FROM fact UNION ALL SELECT * FROM hours UNION ALL SELECT * FROM left_out) AS x
            JOIN k USING (case_id) WHERE NOT k.private
        ), delta AS (
            SELECT g.grouping, p.period, p.start, g.key, f.measure, f.value, sum(f.sign) AS n
            FROM (SELECT *, 1 AS sign FROM new UNION ALL SELECT *, -1 FROM ({_COUNTED.format(cases="k")}) AS old) AS f
            {_GROUPED}
            CROSS JOIN LATERAL (VALUES ('day', f.day), ('month', date_trunc('month', f.day)::date)) AS p (period, start)
            WHERE g.grouping <> 'matter' OR p.period = 'day'
            GROUP BY g.grouping, p.period, p.start, g.key, f.measure, f.value HAVING sum(f.sign) <> 0
        ), summed AS (
            INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
            SELECT * FROM delta ORDER BY grouping, period, start, key, measure, value
            ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n
        ), gone AS (
            DELETE FROM sla.counted AS c USING k WHERE c.case_id = k.case_id AND k.private
        ), kept AS (
            INSERT INTO sla.counted
                (case_id, category, item, tags, region, channel, days, holders, measures, amounts, counted_at)
            SELECT new.case_id, min(new.category), min(new.item), min(k.tags), min(new.region), min(new.channel),
                   array_agg(new.day), array_agg(new.holder), array_agg(new.measure), array_agg(new.value), $1::timestamptz
            FROM new JOIN k USING (case_id) GROUP BY new.case_id
            ON CONFLICT (case_id) DO UPDATE SET category = EXCLUDED.category, item = EXCLUDED.item,
                tags = EXCLUDED.tags, region = EXCLUDED.region, channel = EXCLUDED.channel,
                days = EXCLUDED.days, holders = EXCLUDED.holders, measures = EXCLUDED.measures,
                amounts = EXCLUDED.amounts, counted_at = EXCLUDED.counted_at
        )
        UPDATE sla."case" AS c SET settled = true FROM k WHERE c.case_id = k.case_id
        """,  # noqa: S608  made of this package's constants
        now,
        zone,
        case_ids,
        [each.case_id for each in times],
        [each.measure for each in times],
        [each.hours for each in times],
    )


async def private_by_month(db: Database, months: Sequence[date], zone: str) -> Mapping[date, int]:
    """How many cases that stand in no figure were received in each of these months, in the city's zone."""
    # The index of those, which are few.
    rows = await db.fetch(
        """
        SELECT date_trunc('month', received_at AT TIME ZONE $3)::date AS month, count(*)::int AS n FROM sla."case"
        WHERE private AND received_at >= $1::date::timestamp AT TIME ZONE $3
          AND received_at < ($2::date + interval '1 month') AT TIME ZONE $3
        GROUP BY 1
        """,
        months[0],
        months[-1],
        zone,
    )
    found = {row["month"]: row["n"] for row in rows}
    return {month: found.get(month, 0) for month in months}


async def read(
    db: Database, grouping: str, stretches: Sequence[Stretch], *, today: date, now: datetime, zone: str
) -> Mapping[str | None, Sums]:
    """The sums of these days per key of the grouping, and under None those of all cases.

    What is due counts where its day lies before `today`.
    """
    rows = await db.fetch(
        f"""
        WITH asked AS (
            SELECT * FROM unnest($4::text[], $5::date[], $6::date[]) AS s (period, first, last)
        ), k AS MATERIALIZED (
            SELECT * FROM sla."case" WHERE NOT settled AND received_at IS NOT NULL
        ), {FACTS}, {LEFT_OUT}, live AS (
            SELECT *, 1 AS sign FROM (
                SELECT x.case_id, x.day, COALESCE(k.category, '') AS category, COALESCE(k.item, '') AS item,
                       COALESCE(k.region, '') AS region, COALESCE(k.channel, '') AS channel, x.holder, x.measure, x.value
                FROM (SELECT * FROM fact UNION ALL SELECT * FROM left_out) AS x
                JOIN k USING (case_id) WHERE NOT k.private) AS new
            UNION ALL SELECT *, -1 FROM ({_COUNTED.format(cases="k")}) AS old
        )
        SELECT key, measure, value, is_all, sum(n)::int AS n FROM (
            SELECT t.key, t.measure, t.value, w.grouping = 'all' AS is_all, t.n
            FROM asked CROSS JOIN (VALUES ($3), ('all')) AS w (grouping) CROSS JOIN LATERAL (
                SELECT * FROM sla.tally AS y WHERE y.grouping = w.grouping AND y.period = asked.period
                  AND y.start >= asked.first AND y.start <= asked.last
                  AND (y.period = 'month' OR y.start < $7 OR y.measure <> ALL($8::text[])) OFFSET 0) AS t
            UNION ALL
            SELECT g.key, f.measure, f.value, g.grouping = 'all', f.sign
            FROM live AS f {_GROUPED}
            WHERE g.grouping IN ($3, 'all') AND f.day >= $9 AND f.day <= $10
              AND (f.day < $7 OR f.measure <> ALL($8::text[]))
        ) AS every GROUP BY key, measure, value, is_all HAVING sum(n) <> 0
        """,  # noqa: S608  made of this package's constants
        now,
        zone,
        grouping,
        [each.period for each in stretches],
        [each.first for each in stretches],
        [each.last for each in stretches],
        today,
        DUE,
        stretches[0].first,
        stretches[-1].last_day,
    )
    found: dict[str | None, list[tuple[str, int, int]]] = {None: []}
    for row in rows:
        entry = (row["measure"], row["value"], row["n"])
        found.setdefault(None if row["is_all"] else row["key"], []).append(entry)
    return {key: Sums(entries) for key, entries in found.items()}
