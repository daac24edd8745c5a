"""What was urged, until when may be objected, what the citizen is asked and promised."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.database.indexes import create_index

revision: str = "0025"
down_revision: str | Sequence[str] | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.add_column(
        "view", sa.Column("objection_until", sa.DateTime(timezone=True), nullable=True), schema="intake"
    )
    op.add_column(
        "view",
        sa.Column("question", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        schema="intake",
    )
    op.add_column("view", sa.Column("promised_on", sa.Date(), nullable=True), schema="intake")
    op.add_column(
        "case", sa.Column("urged_count", sa.Integer(), server_default="0", nullable=False), schema="routing"
    )
    create_index(
        "case_urged",
        "case",
        ["case_id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("urged_count > 0"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_index(
        "case_urged", table_name="case", schema="routing", postgresql_where=sa.text("urged_count > 0")
    )
    op.drop_column("case", "urged_count", schema="routing")
    op.drop_column("view", "promised_on", schema="intake")
    op.drop_column("view", "question", schema="intake")
    op.drop_column("view", "objection_until", schema="intake")
