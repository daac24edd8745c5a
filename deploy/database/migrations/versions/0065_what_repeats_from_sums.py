"""What repeats is read from sums: how many cases of a category in a district came on a day."""

from collections.abc import Sequence

from alembic import op

revision: str = "0065"
down_revision: str | Sequence[str] | None = "0064"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's data: the ten weeks that are asked about, of what is counted already.

    A sweeper of the release before that counts meanwhile leaves its few cases out of what is usual.
    """
    op.execute(
        """
        INSERT INTO sla.tally (grouping, period, start, key, measure, value, n)
        SELECT 'matter', 'day', u.day, c.category || ' ' || c.region, 'received', 0, count(*)::int
        FROM sla."case" AS k JOIN sla.counted AS c USING (case_id)
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures) AS u (day, holder, measure)
        WHERE k.received_at >= now() - interval '70 days' AND u.measure = 'received' AND u.holder IS NULL
          AND c.category <> ''
        GROUP BY u.day, c.category, c.region
        """
    )


def downgrade() -> None:
    """Back: what repeats is read from the cases."""
    op.execute("DELETE FROM sla.tally WHERE grouping = 'matter'")
