"""Calls in which nobody said anything are kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | Sequence[str] | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "silent_call",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
    )
    op.create_index("silent_call_started_at", "silent_call", ["started_at"], schema="intake")


def downgrade() -> None:
    """Back."""
    op.drop_table("silent_call", schema="intake")
