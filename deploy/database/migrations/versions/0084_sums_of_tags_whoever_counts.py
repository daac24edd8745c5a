"""The sums of tags are made from what is counted, whoever writes it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0084"
down_revision: str | Sequence[str] | None = "0083"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SUM_TAGS = """
    CREATE OR REPLACE FUNCTION sla.sum_tags() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO sla.tally AS t (grouping, period, start, key, measure, value, n)
        SELECT 'tagged', 'day', u.day, g.tag || ' ' || c.region, u.measure, u.value, count(*) * TG_ARGV[0]::int
        FROM changed AS c CROSS JOIN LATERAL unnest(c.tags) AS g (tag)
        CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
        WHERE u.measure = 'received' AND u.holder IS NULL
        GROUP BY u.day, g.tag, c.region, u.measure, u.value ORDER BY u.day, g.tag || ' ' || c.region, u.value
        ON CONFLICT (grouping, period, start, key, measure, value) DO UPDATE SET n = t.n + EXCLUDED.n;
        RETURN NULL;
    END $$"""
#: When, of which rows, and whether these are added or taken out.
_TRIGGERS = {
    "counted_tags_came": ("INSERT", "NEW", 1),
    "counted_tags_went": ("DELETE", "OLD", -1),
    "counted_tags_changed_from": ("UPDATE", "OLD", -1),
    "counted_tags_changed_to": ("UPDATE", "NEW", 1),
}
_SUM_ALL = """
    INSERT INTO sla.tally (grouping, period, start, key, measure, value, n)
    SELECT 'tagged', 'day', u.day, g.tag || ' ' || c.region, u.measure, u.value, count(*)
    FROM sla.counted AS c CROSS JOIN LATERAL unnest(c.tags) AS g (tag)
    CROSS JOIN LATERAL unnest(c.days, c.holders, c.measures, c.amounts) AS u (day, holder, measure, value)
    WHERE c.tags <> '{}' AND u.measure = 'received' AND u.holder IS NULL
    GROUP BY u.day, g.tag, c.region, u.measure, u.value"""


def upgrade() -> None:
    """Nobody counts between the triggers and the sums: they lock the table. What was summed otherwise is read no more."""
    op.execute(_SUM_TAGS)
    for name, (change, rows, sign) in _TRIGGERS.items():
        op.execute(
            f"""CREATE OR REPLACE TRIGGER {name} AFTER {change} ON sla.counted REFERENCING {rows} TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION sla.sum_tags('{sign}')"""
        )
    op.execute(_SUM_ALL)
    op.execute("DELETE FROM sla.tally WHERE grouping = 'tag'")


def downgrade() -> None:
    """Back: no figure counts tags that were counted before."""
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON sla.counted")
    op.execute("DROP FUNCTION sla.sum_tags()")
    op.execute("DELETE FROM sla.tally WHERE grouping = 'tagged'")
