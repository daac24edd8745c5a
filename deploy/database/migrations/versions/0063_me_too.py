"""Who says that a public matter is theirs, too, and which cases these are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0063"
down_revision: str | Sequence[str] | None = "0062"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on beside it."""
    op.create_table(
        "me_too",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("matter", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
    )
    op.create_index("me_too_matter", "me_too", ["matter", "person"], unique=False, schema="intake")
    op.create_index("me_too_at", "me_too", [sa.literal_column("at DESC")], unique=False, schema="intake")
    op.add_column(
        "case",
        sa.Column("me_too", sa.Boolean(), server_default="false", nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "me_too", schema="routing")
    op.drop_index("me_too_at", table_name="me_too", schema="intake")
    op.drop_index("me_too_matter", table_name="me_too", schema="intake")
    op.drop_table("me_too", schema="intake")
