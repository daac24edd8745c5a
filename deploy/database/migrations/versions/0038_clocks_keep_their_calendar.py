"""Clocks keep the calendar that they go by, where that is not the city's."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | Sequence[str] | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema: every clock of before goes by the city's calendar."""
    op.add_column("clock", sa.Column("calendar", sa.Text(), nullable=True), schema="sla")


def downgrade() -> None:
    """Back: every clock goes by the city's calendar from now on."""
    op.drop_column("clock", "calendar", schema="sla")
