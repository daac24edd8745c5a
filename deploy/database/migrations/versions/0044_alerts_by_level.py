"""Alerts of a level are found without reading the years of all others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0044"
down_revision: str | Sequence[str] | None = "0043"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LEVEL = "split_part(level, '.', 1)"


def upgrade() -> None:
    """To this release's schema."""
    create_index("alert_level", "alert", [sa.text(_LEVEL), "seq"], unique=False, schema="sla")


def downgrade() -> None:
    """Back: rare alerts are slow to find."""
    op.drop_index("alert_level", table_name="alert", schema="sla")
