"""How often a case's citizen has told of danger since: until somebody has looked, nothing ends it by one press."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0098"
down_revision: str | Sequence[str] | None = "0097"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; what was said before is counted nowhere."""
    op.add_column(
        "case",
        sa.Column("dangers_said", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "dangers_said", schema="routing")
