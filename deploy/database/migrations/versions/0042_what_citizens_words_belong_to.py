"""What a citizen's words that came after the message belong to: an addition, an objection, a rating, a withdrawal."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | Sequence[str] | None = "0041"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: what is there counts as additions."""
    op.add_column(
        "supplement",
        sa.Column("said", sa.Text(), server_default="addition", nullable=False),
        schema="handlers",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("supplement", "said", schema="handlers")
