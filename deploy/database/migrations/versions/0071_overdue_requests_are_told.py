"""When the supervisors were told that a request to leave a case out of figures is overdue."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0071"
down_revision: str | Sequence[str] | None = "0070"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on without it, and tells nobody."""
    op.add_column(
        "exclusion",
        sa.Column("overdue_told_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        schema="sla",
    )


def downgrade() -> None:
    """Back: what is overdue stands in lists alone."""
    op.drop_column("exclusion", "overdue_told_at", schema="sla")
