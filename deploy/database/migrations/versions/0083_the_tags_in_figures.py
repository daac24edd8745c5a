"""Figures know with which tags a case was counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0083"
down_revision: str | Sequence[str] | None = "0082"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; cases that were counted before stand in no sum of tags."""
    op.add_column(
        "counted",
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="sla",
    )


def downgrade() -> None:
    """Back: no figure counts tags."""
    op.drop_column("counted", "tags", schema="sla")
