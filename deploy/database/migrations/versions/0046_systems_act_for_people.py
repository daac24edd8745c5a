"""A token may say for which person its system asks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | Sequence[str] | None = "0045"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: no token has the right yet."""
    column: sa.Column[bool] = sa.Column(
        "acts_for_people", sa.Boolean(), server_default=sa.text("false"), nullable=False
    )
    op.add_column("token", column, schema="deploy")


def downgrade() -> None:
    """Back: every system asks for itself."""
    op.drop_column("token", "acts_for_people", schema="deploy")
