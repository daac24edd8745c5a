"""Figures know which item of the dispatch catalogue a case is, and which one it was counted as."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0079"
down_revision: str | Sequence[str] | None = "0078"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; cases of before have no item."""
    op.add_column("case", sa.Column("item", sa.Text(), nullable=True), schema="sla")
    op.add_column(
        "counted", sa.Column("item", sa.Text(), server_default=sa.text("''"), nullable=False), schema="sla"
    )


def downgrade() -> None:
    """Back: no figure knows of items."""
    op.drop_column("counted", "item", schema="sla")
    op.drop_column("case", "item", schema="sla")
