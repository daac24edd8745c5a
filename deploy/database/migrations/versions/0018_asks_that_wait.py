"""What departments have asked for, how dispatchers decided, and what was not done."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "dropped",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("case_state", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "asked", "asked_at"),
        schema="routing",
    )
    op.create_index(
        "dropped_by",
        "dropped",
        ["by", sa.literal_column("at DESC"), sa.literal_column("case_id DESC")],
        unique=False,
        schema="routing",
    )
    op.add_column(
        "case",
        sa.Column("asks", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        schema="handlers",
    )
    op.add_column("review_item", sa.Column("accepted", sa.Boolean(), nullable=True), schema="routing")


def downgrade() -> None:
    """Back."""
    op.drop_column("review_item", "accepted", schema="routing")
    op.drop_column("case", "asks", schema="handlers")
    op.drop_index("dropped_by", table_name="dropped", schema="routing")
    op.drop_table("dropped", schema="routing")
