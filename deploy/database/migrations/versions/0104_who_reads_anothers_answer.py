"""Merged cases are found by the case that answers for them: what staff hide in its answer is hidden in theirs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0104"
down_revision: str | Sequence[str] | None = "0103"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """To this release's schema. The release before reads and writes as it did."""
    create_index("view_merged_into", "view", ["merged_into"], schema="intake", postgresql_where=_MERGED)


def downgrade() -> None:
    """Back."""
    op.drop_index("view_merged_into", table_name="view", schema="intake", if_exists=True)
