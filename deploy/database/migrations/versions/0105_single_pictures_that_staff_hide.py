"""Staff keep single pictures of a case from everybody else, not only all: which, with each decision and on its view."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0105"
down_revision: str | Sequence[str] | None = "0104"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. The release before shows pictures that are hidden singly: stop its web servers first."""
    for table in ("publication_limit", "view"):
        op.add_column(
            table,
            sa.Column("hidden_pictures", sa.ARRAY(sa.UUID(as_uuid=False)), nullable=True),
            schema="intake",
        )


def downgrade() -> None:
    """Back."""
    for table in ("view", "publication_limit"):
        op.drop_column(table, "hidden_pictures", schema="intake")
