"""Which cases are rows of an old list: nobody is woken for them, whoever has them and however often they are said."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0096"
down_revision: str | Sequence[str] | None = "0095"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema; of what was imported before nobody knows it."""
    op.add_column(
        "case",
        sa.Column("of_old_list", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="intake",
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "of_old_list", schema="intake")
