"""What became of letters that name a case: one that could not be put away is not an addition again, nor a case besides."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0037"
down_revision: str | Sequence[str] | None = "0036"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: letters that came before it are remembered from their next look on."""
    op.create_table(
        "letter",
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_added", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("letter"),
        schema="intake",
    )
    op.create_index("letter_at", "letter", ["at"], unique=False, schema="intake")


def downgrade() -> None:
    """Back: a letter that lies in the inbox although it was taken may be taken twice."""
    op.drop_table("letter", schema="intake")
