"""Up to which round the dispatchers were told, and who switched an address of the staff or of a system on or off."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0070"
down_revision: str | Sequence[str] | None = "0069"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; the release before goes on without it, and keeps neither."""
    op.create_table(
        "notice_round",
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("audience"),
        schema="deploy",
    )
    op.create_table(
        "endpoint_change",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("endpoint_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        schema="deploy",
    )


def downgrade() -> None:
    """Back: rounds are computed, and who switched what is in no row."""
    op.drop_table("endpoint_change", schema="deploy")
    op.drop_table("notice_round", schema="deploy")
