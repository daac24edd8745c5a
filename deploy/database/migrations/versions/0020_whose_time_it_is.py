"""Each clock says whose time it is: what the centre takes is the centre's."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | Sequence[str] | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. Rows of before say nothing: the dispatch clock is the dispatcher's, others the lead's."""
    for table in ("clock", "alert"):
        op.add_column(table, sa.Column("owner", sa.Text(), nullable=True), schema="sla")


def downgrade() -> None:
    """Back."""
    for table in ("alert", "clock"):
        op.drop_column(table, "owner", schema="sla")
