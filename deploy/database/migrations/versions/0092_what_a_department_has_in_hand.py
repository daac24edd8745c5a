"""The cases that a department has in hand are found without reading all that it ever had."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0092"
down_revision: str | Sequence[str] | None = "0091"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_IN_HAND = sa.text("state = 'routed' AND response IS NULL")


def upgrade() -> None:
    """To this release's schema."""
    create_index("case_in_hand", "case", ["lead", "case_id"], schema="routing", postgresql_where=_IN_HAND)


def downgrade() -> None:
    """Back: a page of dispatchers is slow in a city with many messages."""
    op.drop_index("case_in_hand", table_name="case", schema="routing", if_exists=True)
