"""Matters that a dispatcher splits off from a message."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0064"
down_revision: str | Sequence[str] | None = "0063"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on beside it."""
    op.add_column(
        "case",
        sa.Column("parts", postgresql.JSONB(), server_default="[]", nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "parts", schema="routing")
