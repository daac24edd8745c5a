"""The sums tell declined, merged and withdrawn cases apart, also of cases that were counted before."""

from collections.abc import Sequence

from alembic import op

revision: str = "0106"
down_revision: str | Sequence[str] | None = "0105"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: What was counted as `ended_otherwise` counts as what it was, too. Merged ones stand in the sums as `repeated` already.
TELL_APART = """
    WITH added AS MATERIALIZED (
        SELECT c.case_id, c.category, c.region, c.channel, u.day, u.holder, k.outcome AS measure
        FROM sla."case" AS k JOIN sla.counted AS c USING (case_id)
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures) AS u (day, holder, measure)
        WHERE k.settled AND k.outcome IN ('declined', 'withdrawn') AND u.measure = 'ended_otherwise'
          AND k.outcome <> ALL (c.measures)
    ), summed AS (
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT g.grouping, p.period, p.start, g.key, a.measure, 0, count(*)
        FROM added AS a CROSS JOIN LATERAL (
            SELECT g.grouping, g.key FROM (VALUES ('all', ''), ('category', a.category), ('region', a.region),
                                                  ('channel', a.channel)) AS g (grouping, key) WHERE a.holder IS NULL
            UNION ALL SELECT 'department', a.holder WHERE a.holder IS NOT NULL) AS g
        CROSS JOIN LATERAL (VALUES ('day', a.day), ('month', date_trunc('month', a.day)::date)) AS p (period, start)
        GROUP BY g.grouping, p.period, p.start, g.key, a.measure ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n
    )
    UPDATE sla.counted AS c
    SET days = c.days || a.days, holders = c.holders || a.holders, measures = c.measures || a.measures,
        amounts = c.amounts || array_fill(0, ARRAY[cardinality(a.days)])
    FROM (SELECT case_id, array_agg(day) AS days, array_agg(holder) AS holders, array_agg(measure) AS measures
          FROM added GROUP BY case_id) AS a
    WHERE c.case_id = a.case_id
"""


def upgrade() -> None:
    """To this release's sums. The release before reads and writes as it did, and takes out what stands here."""
    op.execute(TELL_APART)


def downgrade() -> None:
    """Back: the release before asks for none of these, and takes out with a case what the case added."""
