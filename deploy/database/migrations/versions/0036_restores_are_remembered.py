"""Which copies were brought back, and when: what was logged between is gone, and anchors tell of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | Sequence[str] | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: no copy was brought back yet, as far as anybody knows."""
    op.create_table(
        "restore",
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("epoch"),
        schema="deploy",
    )


def downgrade() -> None:
    """Back: anchors that were written since a restore are then of an epoch that nobody knows."""
    op.drop_table("restore", schema="deploy")
