"""Departments add files, too; and who else may see a file is said file by file."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0035"
down_revision: str | Sequence[str] | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: what is there is its citizen's, and nobody else's to see."""
    op.add_column("attached", sa.Column("department", sa.Text(), nullable=True), schema="intake")
    op.create_table(
        "file_rights",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("attachment_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("for_citizen", sa.Boolean(), nullable=False),
        sa.Column("publish", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "attachment_id"),
        schema="intake",
    )
    op.add_column(
        "case",
        sa.Column("files", postgresql.JSONB(), server_default="[]", nullable=False),
        schema="handlers",
    )


def downgrade() -> None:
    """Back: departments' files are forgotten, and so is who may see which."""
    op.drop_column("case", "files", schema="handlers")
    op.drop_table("file_rights", schema="intake")
    op.drop_column("attached", "department", schema="intake")
