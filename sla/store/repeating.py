"""What repeats: how many cases of one category in one district came of late, from the sums that figures are read from.

Reading costs the days of nine weeks and the cases that are not counted yet, however many messages a city gets.
"""

from datetime import date
from typing import Literal

from schemas.ports import Database
from sla.core.readings import Frequent, Repetition

#: How a category and its district stand in the sums (`tallies`): no code has a space.
_KEY = "{0}.category || ' ' || COALESCE({0}.region, '')"


async def hot_topics(
    db: Database, *, since: date, before_since: date, weeks_since: date, zone: str, least: int, limit: int
) -> list[Repetition]:
    """Category and district pairs with at least so many cases since that day, how many in the span before, and usually.

    `weeks_since`: from when on what came before tells what is usual, eight weeks as a rule.
    """
    rows = await db.fetch(
        f"""
        WITH k AS MATERIALIZED (
            SELECT * FROM sla."case" WHERE NOT settled AND received_at IS NOT NULL
        ), came (key, day, n) AS (
            SELECT key, start, n FROM sla.tally
            WHERE grouping = 'matter' AND period = 'day' AND start >= $3 AND measure = 'received'
            UNION ALL
            SELECT {_KEY.format("k")}, (k.received_at AT TIME ZONE $6)::date, 1 FROM k
            WHERE NOT k.private AND k.category IS NOT NULL
            UNION ALL
            SELECT {_KEY.format("c")}, u.day, -1 FROM k JOIN sla.counted AS c USING (case_id)
            CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures) AS u (day, holder, measure)
            WHERE u.measure = 'received' AND u.holder IS NULL AND c.category <> ''
        )
        SELECT split_part(key, ' ', 1), NULLIF(split_part(key, ' ', 2), ''),
               COALESCE(sum(n) FILTER (WHERE day >= $1), 0)::int AS cases,
               COALESCE(sum(n) FILTER (WHERE day < $1 AND day >= $2), 0)::int AS cases_before,
               COALESCE(sum(n) FILTER (WHERE day < $1), 0) / 8.0::float8 AS expected
        FROM came WHERE day >= $3 GROUP BY key HAVING sum(n) FILTER (WHERE day >= $1) >= $4
        ORDER BY cases DESC, cases_before, 1, 2 LIMIT $5
        """,  # noqa: S608  made of this module's constants
        since,
        before_since,
        weeks_since,
        least,
        limit,
        zone,
    )
    return [Repetition(*row) for row in rows]


#: What of a case is counted, its item or each of its tags, and their grouping in the sums.
_EACH = {
    "item": ("unnest(ARRAY[NULLIF({0}.item, '')])", "itemized"),
    "tag": ("unnest({0}.tags)", "tagged"),
}


async def frequent(
    db: Database,
    grouping: Literal["item", "tag"],
    *,
    since: date,
    before_since: date,
    zone: str,
    least: int,
    limit: int,
) -> list[Frequent]:
    """Items, or tags, with at least so many cases since that day, how many in the span before, and where most are."""
    each, summed = _EACH[grouping]
    rows = await db.fetch(
        f"""
        WITH k AS MATERIALIZED (
            SELECT * FROM sla."case" WHERE NOT settled AND received_at IS NOT NULL
        ), came (code, region, day, n) AS (
            SELECT split_part(key, ' ', 1), split_part(key, ' ', 2), start, n FROM sla.tally
            WHERE grouping = $6 AND period = 'day' AND start >= $2 AND measure = 'received'
            UNION ALL
            SELECT w.code, COALESCE(k.region, ''), (k.received_at AT TIME ZONE $3)::date, 1
            FROM k CROSS JOIN LATERAL {each.format("k")} AS w (code) WHERE NOT k.private AND w.code IS NOT NULL
            UNION ALL
            SELECT w.code, c.region, u.day, -1
            FROM k JOIN sla.counted AS c USING (case_id) CROSS JOIN LATERAL {each.format("c")} AS w (code)
            CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures) AS u (day, holder, measure)
            WHERE u.measure = 'received' AND u.holder IS NULL AND w.code IS NOT NULL
        ), there AS (
            SELECT code, region, COALESCE(sum(n) FILTER (WHERE day >= $1), 0) AS cases,
                   COALESCE(sum(n) FILTER (WHERE day < $1), 0) AS cases_before
            FROM came WHERE day >= $2 GROUP BY code, region
        )
        SELECT code, sum(cases)::int, sum(cases_before)::int,
               NULLIF((array_agg(region ORDER BY cases DESC, region))[1], ''), max(cases)::int
        FROM there GROUP BY code HAVING sum(cases) >= $4 ORDER BY 2 DESC, 3, 1 LIMIT $5
        """,  # noqa: S608  made of this module's constants
        since,
        before_since,
        zone,
        least,
        limit,
        summed,
    )
    return [Frequent(*row) for row in rows]
