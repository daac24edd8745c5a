"""What presses one department is found without reading what presses all others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0053"
down_revision: str | Sequence[str] | None = "0052"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PRESSING = sa.text("state = 'running' AND next_level IS DISTINCT FROM 'near'")


def upgrade() -> None:
    """To this release's schema."""
    create_index(
        "clock_pressing_department",
        "clock",
        ["department", "due_at", "case_id", "clock"],
        unique=False,
        schema="sla",
        postgresql_where=_PRESSING,
    )


def downgrade() -> None:
    """Back: one department's list is slow in a city with many late cases."""
    op.drop_index("clock_pressing_department", table_name="clock", schema="sla", postgresql_where=_PRESSING)
