"""Until when a system's token works, where whoever made it said so."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0103"
down_revision: str | Sequence[str] | None = "0102"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; tokens of before have no end, nor have those that the release before makes meanwhile."""
    op.add_column(
        "token", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True), schema="deploy"
    )


def downgrade() -> None:
    """Back: tokens with an end work on."""
    op.drop_column("token", "expires_at", schema="deploy")
