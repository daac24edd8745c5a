"""A desk's archive of a span of due dates is found without reading all of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0041"
down_revision: str | Sequence[str] | None = "0040"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAME, _COLUMNS = "case_ended_by_lead", ["lead", "closed_at", "case_id"]


def upgrade() -> None:
    """To this release's schema: the index serves the release before as it did."""
    _make(*_COLUMNS, "due_at")


def downgrade() -> None:
    """Back."""
    _make(*_COLUMNS)


def _make(*columns: str) -> None:
    op.drop_index(_NAME, table_name="case", schema="handlers")
    create_index(
        _NAME, "case", list(columns), schema="handlers", postgresql_where=sa.text("closed_at IS NOT NULL")
    )
