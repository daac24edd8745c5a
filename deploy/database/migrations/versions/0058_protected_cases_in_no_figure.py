"""Protected cases stand in no figure: sla knows which they are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0058"
down_revision: str | Sequence[str] | None = "0057"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema, with those that are private already."""
    op.add_column(
        "case",
        sa.Column("private", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="sla",
    )
    create_index(
        "case_private",
        "case",
        ["received_at", "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("private"),
    )
    create_index("counted_days", "counted", ["days"], unique=False, schema="sla", postgresql_using="gin")
    # Only routing knew; those that are in the sums already are counted anew, and taken out.
    op.execute(
        """
        UPDATE sla."case" AS k SET private = true, settled = false FROM routing."case" AS r
        WHERE r.case_id = k.case_id
          AND (r.confidential OR r.protected OR r.kind = 'report' OR r.accused <> '{}' OR r.cleared <> '[]')
        """
    )


def downgrade() -> None:
    """Back: they are counted again once they change."""
    op.drop_index("counted_days", table_name="counted", schema="sla", postgresql_using="gin")
    op.drop_index("case_private", table_name="case", schema="sla", postgresql_where=sa.text("private"))
    op.drop_column("case", "private", schema="sla")
