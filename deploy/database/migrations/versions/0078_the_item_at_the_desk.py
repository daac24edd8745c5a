"""A department's case keeps which item of the dispatch catalogue it is."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0078"
down_revision: str | Sequence[str] | None = "0077"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; cases of before have no item."""
    op.add_column("case", sa.Column("item", sa.Text(), nullable=True), schema="handlers")


def downgrade() -> None:
    """Back: the desk knows no items."""
    op.drop_column("case", "item", schema="handlers")
