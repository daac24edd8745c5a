"""The files of an answer are kept for cases that are merged later, and taken back from all that show them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.database.indexes import create_index

revision: str = "0040"
down_revision: str | Sequence[str] | None = "0039"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: answers that were given before bring no files to cases that are merged later."""
    create_index("file_rights_attachment", "file_rights", ["attachment_id"], unique=False, schema="intake")
    op.add_column(
        "case",
        sa.Column(
            "response_files", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False
        ),
        schema="routing",
    )


def downgrade() -> None:
    """Back: cases that are merged later get the answer without its files."""
    op.drop_column("case", "response_files", schema="routing")
    op.drop_index("file_rights_attachment", table_name="file_rights", schema="intake")
