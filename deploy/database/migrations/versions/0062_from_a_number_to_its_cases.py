"""From a number of the figures to its cases by an index of the number itself."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0062"
down_revision: str | Sequence[str] | None = "0061"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: As the tables declare them.
_MARKS = (
    """CREATE OR REPLACE FUNCTION sla.counted_mark(measure text, holder text, day date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT pg_catalog.hashtext(CASE
            WHEN measure IN ('assigned', 'closed', 'replied', 'reply_tenths', 'hops') THEN 'received'
            WHEN measure = 'first_right' THEN 'first_known' WHEN measure IN ('due_on_time', 'due_answered') THEN 'due'
            WHEN measure = 'signed_on_time' THEN 'sign_due' ELSE measure END
        || ' ' || (day - DATE '2000-01-01') || COALESCE(' ' || holder, '')) $$""",
    """CREATE OR REPLACE FUNCTION sla.counted_marks(days date[], holders text[], measures text[], category text,
        region text, channel text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT ARRAY(
            SELECT pg_catalog.hashtext(u.measure || ' ' || (u.day - DATE '2000-01-01') || COALESCE(' ' || u.holder, ''))
            FROM unnest(days, holders, measures) AS u (day, holder, measure)
            WHERE u.measure <> ALL (ARRAY['assigned', 'closed', 'replied', 'reply_tenths', 'hops', 'first_right',
                'due_on_time', 'due_answered', 'signed_on_time']))
        || ARRAY[pg_catalog.hashtext('category ' || category), pg_catalog.hashtext('region ' || region),
            pg_catalog.hashtext('channel ' || channel)] $$""",
)


def upgrade() -> None:
    """To this release's schema; the release before goes on without its index, slower."""
    for statement in _MARKS:
        op.execute(statement)
    create_index(
        "counted_marks",
        "counted",
        [sa.literal_column("sla.counted_marks(days, holders, measures, category, region, channel)")],
        unique=False,
        schema="sla",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    # A large table never had it.
    op.drop_index("counted_days", table_name="counted", schema="sla", if_exists=True)


def downgrade() -> None:
    """Back."""
    op.create_index("counted_days", "counted", ["days"], unique=False, schema="sla", postgresql_using="gin")
    op.drop_index("counted_marks", table_name="counted", schema="sla", postgresql_using="gin")
    op.execute("DROP FUNCTION sla.counted_marks(date[], text[], text[], text, text, text)")
    op.execute("DROP FUNCTION sla.counted_mark(text, text, date)")
