"""What supervisors ask of departments, and what these report."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0052"
down_revision: str | Sequence[str] | None = "0051"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""

    op.create_table(
        "supervision",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "number"),
        schema="sla",
    )
    op.create_index(
        "supervision_open",
        "supervision",
        ["until", "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state IN ('open', 'reported')"),
    )


def downgrade() -> None:
    """Back: orders are lost, what was urged is not."""

    op.drop_index(
        "supervision_open",
        table_name="supervision",
        schema="sla",
        postgresql_where=sa.text("state IN ('open', 'reported')"),
    )
    op.drop_table("supervision", schema="sla")
