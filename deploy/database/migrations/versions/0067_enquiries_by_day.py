"""Enquiries of some weeks are found without reading all other messages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0067"
down_revision: str | Sequence[str] | None = "0066"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ENQUIRIES = sa.text("kind = 'consultation'")


def upgrade() -> None:
    """To this release's schema."""
    create_index("case_enquiries", "case", ["received_at"], schema="routing", postgresql_where=_ENQUIRIES)


def downgrade() -> None:
    """Back: figures of knowledge are slow in a city with many messages."""
    op.drop_index("case_enquiries", table_name="case", schema="routing", if_exists=True)
