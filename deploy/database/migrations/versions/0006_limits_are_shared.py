"""Limits are shared by all web processes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "rate_limit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("caller", sa.LargeBinary(), nullable=False),
        sa.Column("per_minute", sa.Double(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "caller"),
        schema="deploy",
        prefixes=["UNLOGGED"],
    )
    op.create_index("rate_limit_at", "rate_limit", ["at"], schema="deploy")


def downgrade() -> None:
    """Back."""
    op.drop_table("rate_limit", schema="deploy")
