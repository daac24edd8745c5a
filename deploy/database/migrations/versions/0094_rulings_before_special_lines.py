"""Which rulings come before the special lines whose words they name: those whose form said so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0094"
down_revision: str | Sequence[str] | None = "0093"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; what was ruled before, and what the release before rules, comes after all of them."""
    op.add_column(
        "ruling",
        sa.Column("over_special", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("ruling", "over_special", schema="routing")
