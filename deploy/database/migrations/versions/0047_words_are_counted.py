"""In how many answers each word stands, and what was looked for in vain."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0047"
down_revision: str | Sequence[str] | None = "0046"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "unanswered",
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("words"),
        schema="intake",
    )
    op.create_index("unanswered_last_on", "unanswered", ["last_on"], unique=False, schema="intake")
    op.create_index(
        "unanswered_often",
        "unanswered",
        [sa.literal_column("times DESC"), "words"],
        unique=False,
        schema="intake",
    )
    op.create_table(
        "word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word"),
        schema="intake",
    )


def downgrade() -> None:
    """Back: a search knows no weights, and nobody what is missing."""
    op.drop_table("word", schema="intake")
    op.drop_index("unanswered_often", table_name="unanswered", schema="intake")
    op.drop_index("unanswered_last_on", table_name="unanswered", schema="intake")
    op.drop_table("unanswered", schema="intake")
