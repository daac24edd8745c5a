"""Protection travels with the case: a message that accuses officials is marked as one, whatever its kind."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. What was kept as a report, or as accusing somebody, is protected from now on."""
    op.add_column(
        "case", sa.Column("protected", sa.Boolean(), server_default="false", nullable=False), schema="routing"
    )
    op.execute("UPDATE routing.case SET protected = true WHERE kind = 'report' OR accused <> '{}'")


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "protected", schema="routing")
