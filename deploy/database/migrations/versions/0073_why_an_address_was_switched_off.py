"""Why somebody switched an address off that was told of things."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0073"
down_revision: str | Sequence[str] | None = "0072"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; what the release before writes meanwhile has no reason."""
    op.add_column(
        "endpoint_change", sa.Column("reason", sa.Text(), server_default="", nullable=False), schema="deploy"
    )


def downgrade() -> None:
    """Back: who did it is kept, and not why."""
    op.drop_column("endpoint_change", "reason", schema="deploy")
