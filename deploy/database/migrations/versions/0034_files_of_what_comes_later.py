"""What comes after a message may bring files, too."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0034"
down_revision: str | Sequence[str] | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Where the facts of the files are kept: table, column, schema.
_TOLD = (("supplement", "attachments", "handlers"), ("case", "added_files", "routing"))


def upgrade() -> None:
    """To this release's schema: what is there came with its message."""
    op.add_column(
        "attached", sa.Column("added_at", sa.DateTime(timezone=True), nullable=True), schema="intake"
    )
    for table, column, schema in _TOLD:
        op.add_column(
            table,
            sa.Column(column, postgresql.JSONB(), server_default="[]", nullable=False),
            schema=schema,
        )


def downgrade() -> None:
    """Back: which files came later is forgotten."""
    for table, column, schema in reversed(_TOLD):
        op.drop_column(table, column, schema=schema)
    op.drop_column("attached", "added_at", schema="intake")
