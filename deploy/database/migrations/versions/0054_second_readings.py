"""Direct answers that another dispatcher reads again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | Sequence[str] | None = "0053"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "reading",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by", sa.Text(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("case_id", "version"),
        schema="routing",
    )
    op.create_index(
        "reading_waiting",
        "reading",
        ["answered_at", "case_id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_index(
        "reading_waiting", table_name="reading", schema="routing", postgresql_where=sa.text("read_at IS NULL")
    )
    op.drop_table("reading", schema="routing")
