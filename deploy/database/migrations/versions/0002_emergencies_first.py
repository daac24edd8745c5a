"""Emergencies first: found in the review queue without reading all that waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    create_index(
        "case_emergency",
        "case",
        ["case_id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("urgency = 'emergency' AND state = 'open'"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_index(
        "case_emergency",
        table_name="case",
        schema="routing",
        postgresql_where=sa.text("urgency = 'emergency' AND state = 'open'"),
    )
