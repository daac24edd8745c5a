"""Topics that may be early warnings are found without reading all that grow."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0076"
down_revision: str | Sequence[str] | None = "0075"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; what has not grown since may be one, as in the release before."""
    op.add_column(
        "topic", sa.Column("crowded_at", sa.DateTime(timezone=True), nullable=True), schema="routing"
    )
    crowded = sa.text("COALESCE(crowded_at, last_at)")
    create_index("topic_crowded_at", "topic", [crowded], schema="routing")


def downgrade() -> None:
    """Back: all that grow are read."""
    op.drop_index("topic_crowded_at", table_name="topic", schema="routing", if_exists=True)
    op.drop_column("topic", "crowded_at", schema="routing")
