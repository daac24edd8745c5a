"""When a case was counted into the sums of the figures."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0075"
down_revision: str | Sequence[str] | None = "0074"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; of what the release before counts it is not known."""
    op.add_column(
        "counted", sa.Column("counted_at", postgresql.TIMESTAMP(timezone=True), nullable=True), schema="sla"
    )


def downgrade() -> None:
    """Back: a report's number does not say what changed since."""
    op.drop_column("counted", "counted_at", schema="sla")
