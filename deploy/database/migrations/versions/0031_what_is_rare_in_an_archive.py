"""What is rare in a desk's archive is found without reading all of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0031"
down_revision: str | Sequence[str] | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_RARE = {"case_ended_late": "overdue", "case_ended_otherwise": "state <> 'closed'"}


def upgrade() -> None:
    """To this release's schema."""
    for name, condition in _RARE.items():
        create_index(
            name,
            "case",
            ["lead", "closed_at", "case_id"],
            schema="handlers",
            postgresql_where=sa.text(f"closed_at IS NOT NULL AND {condition}"),
        )


def downgrade() -> None:
    """Back."""
    for name in _RARE:
        op.drop_index(name, table_name="case", schema="handlers")
