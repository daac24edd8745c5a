"""What the citizen may do stands in the view, as the lifecycle said it; views that exist get what held until now."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: The rules of the release before, for cases that departments have; null stays for those that none has.
_BACKFILL = """
UPDATE intake.view SET citizen_may = (CASE
    WHEN state = 'closed' THEN CASE WHEN objected_at IS NULL THEN '{rating,objection}' ELSE '{rating}' END
    WHEN state IN ('merged', 'declined', 'withdrawn') THEN '{}'
    WHEN state = 'replied' OR withdrawal_at IS NOT NULL THEN '{supplement}'
    ELSE '{supplement,withdrawal}' END)::text[]
WHERE state NOT IN ('received', 'registered', 'in_review')
"""


def upgrade() -> None:
    """To this release's schema."""
    op.add_column(
        "view", sa.Column("citizen_may", postgresql.ARRAY(sa.Text()), nullable=True), schema="intake"
    )
    op.execute(_BACKFILL)


def downgrade() -> None:
    """Back."""
    op.drop_column("view", "citizen_may", schema="intake")
