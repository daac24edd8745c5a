"""The sums of items are made from what is counted, as those of tags; what a case is, the newest that is heard says."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0086"
down_revision: str | Sequence[str] | None = "0085"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SUM_NAMED = """
    CREATE OR REPLACE FUNCTION sla.sum_named() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT g.grouping, 'day', u.day, g.code || ' ' || c.region, u.measure, u.value, count(*) * TG_ARGV[0]::int
        FROM changed AS c CROSS JOIN LATERAL (
            SELECT 'tagged', w.tag FROM unnest(c.tags) AS w (tag) UNION ALL SELECT 'itemized', c.item WHERE c.item <> ''
        ) AS g (grouping, code)
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
        WHERE u.measure = 'received' AND u.holder IS NULL
        GROUP BY g.grouping, u.day, g.code, c.region, u.measure, u.value
        ORDER BY g.grouping, u.day, g.code || ' ' || c.region, u.value
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n;
        RETURN NULL;
    END $$"""
#: When, of which rows, and whether these are added or taken out.
_TRIGGERS = {
    "came": ("INSERT", "NEW", 1),
    "went": ("DELETE", "OLD", -1),
    "changed_from": ("UPDATE", "OLD", -1),
    "changed_to": ("UPDATE", "NEW", 1),
}
_SUM_ALL = """
    INSERT INTO sla.tally (grouping, period, start, key, measure, value, n)
    SELECT 'itemized', 'day', u.day, c.item || ' ' || c.region, u.measure, u.value, count(*)
    FROM sla.counted AS c
    CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
    WHERE c.item <> '' AND u.measure = 'received' AND u.holder IS NULL
    GROUP BY u.day, c.item, c.region, u.measure, u.value"""


def _sum_by(function: str, name: str, instead_of: str) -> None:
    for each, (change, rows, sign) in _TRIGGERS.items():
        op.execute(f"DROP TRIGGER IF EXISTS counted_{instead_of}_{each} ON sla.counted")
        op.execute(
            f"""CREATE OR REPLACE TRIGGER counted_{name}_{each} AFTER {change} ON sla.counted
            REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION sla.{function}('{sign}')"""
        )


def upgrade() -> None:
    """Nobody counts between the triggers and the sums: they lock the table. What was summed otherwise is read no more."""
    op.add_column(
        "case",
        sa.Column("facts_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="sla",
    )
    op.execute(_SUM_NAMED)
    _sum_by("sum_named", "names", instead_of="tags")
    op.execute(_SUM_ALL)
    op.execute("DELETE FROM sla.tally WHERE grouping = 'item'")


def downgrade() -> None:
    """Back: no figure counts items that were counted before; the last that is heard says what a case is."""
    _sum_by("sum_tags", "tags", instead_of="names")
    op.execute("DROP FUNCTION sla.sum_named()")
    op.execute("DELETE FROM sla.tally WHERE grouping = 'itemized'")
    op.drop_column("case", "facts_version", schema="sla")
