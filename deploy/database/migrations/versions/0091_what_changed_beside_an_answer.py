"""When something changed beside a published answer, and the messages of some days without reading all answers since."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0091"
down_revision: str | Sequence[str] | None = "0090"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UPDATED = "GREATEST(replied_at, changed_at)"


def upgrade() -> None:
    """To this release's schema; of what the release before writes nobody knows when it changed, as before."""
    for table in ("published", "withheld"):
        op.add_column(
            table, sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True), schema="intake"
        )
    newest = [sa.text(f"{_UPDATED} DESC"), sa.text("case_id DESC")]
    create_index("published_updated", "published", newest, schema="intake")
    create_index(
        "published_objected", "published", newest, schema="intake", postgresql_where=sa.text("objected")
    )
    create_index("case_received", "case", ["received_at", "case_id"], schema="intake")


def downgrade() -> None:
    """Back."""
    op.drop_index("case_received", table_name="case", schema="intake", if_exists=True)
    for index in ("published_objected", "published_updated"):
        op.drop_index(index, table_name="published", schema="intake", if_exists=True)
    for table in ("published", "withheld"):
        op.drop_column(table, "changed_at", schema="intake")
