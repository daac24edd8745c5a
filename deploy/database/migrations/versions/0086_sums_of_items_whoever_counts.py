"""The sums of items are made from what is counted, as those of tags are."""

from collections.abc import Sequence

from alembic import op

revision: str = "0086"
down_revision: str | Sequence[str] | None = "0085"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SUM_ITEMS = """
    CREATE OR REPLACE FUNCTION sla.sum_items() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT 'itemized', 'day', u.day, c.item || ' ' || c.region, u.measure, u.value, count(*) * TG_ARGV[0]::int
        FROM changed AS c
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
        WHERE c.item <> '' AND u.measure = 'received' AND u.holder IS NULL
        GROUP BY u.day, c.item, c.region, u.measure, u.value ORDER BY u.day, c.item || ' ' || c.region, u.value
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n;
        RETURN NULL;
    END $$"""
#: When, of which rows, and whether these are added or taken out.
_TRIGGERS = {
    "counted_items_came": ("INSERT", "NEW", 1),
    "counted_items_went": ("DELETE", "OLD", -1),
    "counted_items_changed_from": ("UPDATE", "OLD", -1),
    "counted_items_changed_to": ("UPDATE", "NEW", 1),
}
_SUM_ALL = """
    INSERT INTO sla.tally (grouping, period, start, key, measure, value, n)
    SELECT 'itemized', 'day', u.day, c.item || ' ' || c.region, u.measure, u.value, count(*)
    FROM sla.counted AS c
    CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
    WHERE c.item <> '' AND u.measure = 'received' AND u.holder IS NULL
    GROUP BY u.day, c.item, c.region, u.measure, u.value"""


def upgrade() -> None:
    """Nobody counts between the triggers and the sums, which lock the table for whoever writes it, and for nobody else.

    The sums of before (`item`) stay: the release before reads them, and goes on with them.
    """
    op.execute(_SUM_ITEMS)
    for name, (change, rows, sign) in _TRIGGERS.items():
        op.execute(
            f"""CREATE OR REPLACE TRIGGER {name} AFTER {change} ON sla.counted REFERENCING {rows} TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION sla.sum_items('{sign}')"""
        )
    op.execute(_SUM_ALL)


def downgrade() -> None:
    """Back: items are summed by whoever counts."""
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON sla.counted")
    op.execute("DROP FUNCTION sla.sum_items()")
    op.execute("DELETE FROM sla.tally WHERE grouping = 'itemized'")
