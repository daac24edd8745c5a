"""As which case a row of a list is sent again that was begun and never registered, and by which row."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101"
down_revision: str | Sequence[str] | None = "0100"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; what was noted before, and is no case, is put aside as before."""
    op.add_column("sent_row", sa.Column("tracking_code", sa.Text(), nullable=True), schema="intake")
    op.add_column("sent_row", sa.Column("taken_by", sa.UUID(as_uuid=False), nullable=True), schema="intake")


def downgrade() -> None:
    """Back."""
    op.drop_column("sent_row", "taken_by", schema="intake")
    op.drop_column("sent_row", "tracking_code", schema="intake")
