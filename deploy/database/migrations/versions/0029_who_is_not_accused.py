"""A dispatcher may find that a unit which a report names is not whom it accuses; what was found is kept for good."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0029"
down_revision: str | Sequence[str] | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. Of what an earlier release judged nobody is only named: it did not look."""
    op.create_table(
        "clearance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="routing",
    )
    op.add_column(
        "case",
        sa.Column("only_named", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        schema="routing",
    )
    op.add_column(
        "case",
        sa.Column("cleared", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    """Back, without what was found."""
    op.drop_column("case", "cleared", schema="routing")
    op.drop_column("case", "only_named", schema="routing")
    op.drop_table("clearance", schema="routing")
