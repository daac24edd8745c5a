"""A finding that a unit is not accused can be taken back; by whom and why is kept for good."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0099"
down_revision: str | Sequence[str] | None = "0098"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "clearance_end",
        sa.Column("clearance_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clearance_id"),
        schema="routing",
    )
    # As of all that people write (0090).
    op.execute("ALTER TABLE routing.clearance_end ALTER COLUMN reason SET STATISTICS 0")


def downgrade() -> None:
    """Back, without what was taken back: those units stay accused."""
    op.drop_table("clearance_end", schema="routing")
