"""Figures of promised dates are read from sums."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0074"
down_revision: str | Sequence[str] | None = "0073"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNCOUNTED = sa.text("""counted IS DISTINCT FROM CASE WHEN publishable THEN department || ' ' || CASE
    WHEN changed_at IS NOT NULL THEN 'changed' WHEN outcome = 'answered' AND replied_at <= until THEN 'kept'
    WHEN COALESCE(replied_at, ended_at) > until THEN 'broken' WHEN ended_at IS NOT NULL THEN 'ended'
    ELSE 'open' END ELSE 'hidden' END""")


def upgrade() -> None:
    """To this release's schema; the sweeper counts what there is, and until then it is read one by one."""
    op.create_table(
        "promise_sum",
        sa.Column("counted_as", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counted_as"),
        schema="intake",
    )
    op.add_column("promise", sa.Column("counted", sa.Text(), nullable=True), schema="intake")
    create_index("promise_uncounted", "promise", ["department"], schema="intake", postgresql_where=_UNCOUNTED)


def downgrade() -> None:
    """Back: every promise is read for the figures."""
    op.drop_index("promise_uncounted", table_name="promise", schema="intake", if_exists=True)
    op.drop_column("promise", "counted", schema="intake")
    op.drop_table("promise_sum", schema="intake")
