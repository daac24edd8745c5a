"""Breaches are judged by when things happened: how far consumers have come, and breaches that were taken back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "progress",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition"),
        schema="deploy",
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "withdrawal",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("deadline_version", sa.Integer(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("happened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "clock", "deadline_version"),
        schema="sla",
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("withdrawal", schema="sla")
    op.drop_table("progress", schema="deploy")
