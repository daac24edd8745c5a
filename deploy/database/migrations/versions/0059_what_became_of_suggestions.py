"""What became of suggestions, counted by day; who said that one had settled it, by a keyed hash."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0059"
down_revision: str | Sequence[str] | None = "0058"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "offer",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", "item"),
        schema="intake",
    )
    op.create_table(
        "settled",
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone_index", "at"),
        schema="intake",
    )
    op.create_index("settled_at", "settled", ["at"], unique=False, schema="intake")


def downgrade() -> None:
    """Back: what was counted is gone."""
    op.drop_index("settled_at", table_name="settled", schema="intake")
    op.drop_table("settled", schema="intake")
    op.drop_table("offer", schema="intake")
