"""Who is calling a citizen now, so that nobody else does."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0069"
down_revision: str | Sequence[str] | None = "0068"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on without it, and claims nothing."""
    op.add_column("call_back", sa.Column("claimed_by", sa.Text(), nullable=True), schema="sla")
    op.add_column(
        "call_back",
        sa.Column("claimed_until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        schema="sla",
    )


def downgrade() -> None:
    """Back: two may call one citizen again."""
    op.drop_column("call_back", "claimed_until", schema="sla")
    op.drop_column("call_back", "claimed_by", schema="sla")
