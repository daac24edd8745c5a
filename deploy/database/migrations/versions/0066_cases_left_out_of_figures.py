"""Cases that are left out of a department's figures, and who decided so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0066"
down_revision: str | Sequence[str] | None = "0065"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on without it, and leaves nothing out."""
    op.create_table(
        "exclusion",
        sa.Column("case_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("since", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("told_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number"),
        schema="sla",
    )
    op.create_index(
        "exclusion_waiting",
        "exclusion",
        ["since", "case_id", "number"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state IN ('open', 'appealed')"),
    )
    op.create_index(
        "exclusion_since", "exclusion", ["since", "case_id", "number"], unique=False, schema="sla"
    )
    op.create_index(
        "exclusion_department",
        "exclusion",
        ["department", "since", "case_id", "number"],
        unique=False,
        schema="sla",
    )


def downgrade() -> None:
    """Back: what was left out is counted again."""
    op.drop_table("exclusion", schema="sla")
