"""That what was personal in a case was forgotten: who did it, when and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0089"
down_revision: str | Sequence[str] | None = "0088"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """A table that nobody waits for."""
    op.create_table(
        "forgotten",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("keeps_files", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "at"),
        schema="intake",
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("forgotten", schema="intake")
