"""What the rows of lists are known by that were sent, whichever file they stood in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0097"
down_revision: str | Sequence[str] | None = "0096"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; rows that were imported before are known by all that they say."""
    op.create_table(
        "sent_row",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("list_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        schema="intake",
    )
    op.execute(
        """
        INSERT INTO intake.sent_row (hash, case_id, list_hash)
        SELECT content_hash, case_id, ''::bytea FROM intake.case WHERE source LIKE 'import:%'
        ON CONFLICT DO NOTHING
        """
    )


def downgrade() -> None:
    """Back: a list is known by the file beside it alone."""
    op.drop_table("sent_row", schema="intake")
