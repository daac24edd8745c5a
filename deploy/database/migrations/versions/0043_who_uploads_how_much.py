"""Files that wait for their message: whose they are by a hash, so that nobody fills the disk alone, and which are named."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0043"
down_revision: str | Sequence[str] | None = "0042"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: files that wait already count as nobody's, and as named, so that none is swept early."""
    op.add_column("attachment", sa.Column("uploader", sa.LargeBinary(), nullable=True), schema="intake")
    op.add_column(
        "attachment", sa.Column("named_at", sa.DateTime(timezone=True), nullable=True), schema="intake"
    )
    op.execute("UPDATE intake.attachment SET named_at = uploaded_at WHERE attached_at IS NULL")
    create_index(
        "attachment_uploader",
        "attachment",
        ["uploader"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("uploader IS NOT NULL"),
    )


def downgrade() -> None:
    """Back: what is nobody's message waits nine days again."""
    op.drop_index("attachment_uploader", table_name="attachment", schema="intake")
    op.drop_column("attachment", "named_at", schema="intake")
    op.drop_column("attachment", "uploader", schema="intake")
