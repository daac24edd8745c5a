"""The sums say of how many cases the citizen was asked for something, also of cases that were counted before."""

from collections.abc import Sequence

from alembic import op

revision: str = "0110"
down_revision: str | Sequence[str] | None = "0109"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: By the deeds that were kept all the time: of the case, and of each department that asked; on the day of the receipt.
COUNT_ASKED = """
    WITH added AS MATERIALIZED (
        SELECT DISTINCT c.case_id, c.category, c.region, c.channel, u.day, h.holder
        FROM sla."case" AS k JOIN sla.counted AS c USING (case_id)
        JOIN sla.deed AS d ON d.case_id = c.case_id AND d.what = 'asked'
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures) AS u (day, holder, measure)
        CROSS JOIN LATERAL (VALUES (NULL), (COALESCE(d.department, ''))) AS h (holder)
        WHERE k.settled AND u.measure = 'received' AND u.holder IS NULL AND 'asked' <> ALL (c.measures)
    ), summed AS (
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT g.grouping, p.period, p.start, g.key, 'asked', 0, count(*)
        FROM added AS a CROSS JOIN LATERAL (
            SELECT g.grouping, g.key FROM (VALUES ('all', ''), ('category', a.category), ('region', a.region),
                                                  ('channel', a.channel)) AS g (grouping, key) WHERE a.holder IS NULL
            UNION ALL SELECT 'department', a.holder WHERE a.holder IS NOT NULL) AS g
        CROSS JOIN LATERAL (VALUES ('day', a.day), ('month', date_trunc('month', a.day)::date)) AS p (period, start)
        GROUP BY g.grouping, p.period, p.start, g.key ORDER BY 1, 2, 3, 4
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n
    )
    UPDATE sla.counted AS c
    SET days = c.days || a.days, holders = c.holders || a.holders, measures = c.measures || a.measures,
        amounts = c.amounts || array_fill(0, ARRAY[cardinality(a.days)])
    FROM (SELECT case_id, array_agg(day) AS days, array_agg(holder) AS holders,
                 array_fill('asked'::text, ARRAY[count(*)::int]) AS measures
          FROM added GROUP BY case_id) AS a
    WHERE c.case_id = a.case_id
"""


def upgrade() -> None:
    """To this release's sums. The release before reads and writes as it did, and takes out what stands here."""
    op.execute(COUNT_ASKED)


def downgrade() -> None:
    """Back: the release before asks for none of these, and takes out with a case what the case added."""
