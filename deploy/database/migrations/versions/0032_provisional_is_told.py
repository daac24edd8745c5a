"""Whether the citizen's deadline may still move, when a year's holidays are announced."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | Sequence[str] | None = "0031"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.add_column(
        "view",
        sa.Column("provisional", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="intake",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("view", "provisional", schema="intake")
