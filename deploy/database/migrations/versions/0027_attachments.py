"""Files that came with messages: what is known of each, which case has it, and what the other slices are told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0027"
down_revision: str | Sequence[str] | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: The slices that are told of a case's files with the case.
_TOLD = ("routing", "handlers")


def upgrade() -> None:
    """To this release's schema. The release before writes cases without the new column: they have no files."""
    _create_attachment()
    op.create_table(
        "attached",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("attachment_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("is_missing", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "attachment_id"),
        schema="intake",
    )
    for schema in _TOLD:
        op.add_column(
            "case",
            sa.Column("attachments", postgresql.JSONB(), server_default="[]", nullable=False),
            schema=schema,
        )


def _create_attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("attachment_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("has_thumbnail", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("attachment_id"),
        schema="intake",
    )
    op.create_index("attachment_blob", "attachment", ["blob"], unique=True, schema="intake")
    op.create_index(
        "attachment_waiting",
        "attachment",
        ["uploaded_at"],
        schema="intake",
        postgresql_where=sa.text("attached_at IS NULL"),
    )


def downgrade() -> None:
    """Back, without the files: their blobs stay where they are."""
    for schema in _TOLD:
        op.drop_column("case", "attachments", schema=schema)
    op.drop_table("attached", schema="intake")
    op.drop_table("attachment", schema="intake")
