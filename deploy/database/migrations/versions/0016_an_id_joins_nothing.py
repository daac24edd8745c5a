"""An id of another system joins no two messages: it stands for any number of cases."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAMED = sa.text("external_id IS NOT NULL AND source <> 'web'")


def upgrade() -> None:
    """To this release's schema; the release before goes on working, and keeps its ids apart by itself."""
    op.drop_index("case_external_id", table_name="case", schema="intake", postgresql_where=_NAMED)


def downgrade() -> None:
    """Back, to an index that cannot be unique any more."""
    op.create_index(
        "case_external_id",
        "case",
        ["channel", "source", "external_id"],
        schema="intake",
        postgresql_where=_NAMED,
    )
