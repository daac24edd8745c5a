"""The log is keyed: the case and its message get seals, and anchors find what was added."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.database.indexes import create_index

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. What was logged before stays as it is: an anchor outside vouches for it."""
    op.add_column("case", sa.Column("log_seal", postgresql.BYTEA(), nullable=True), schema="handlers")
    op.add_column("case", sa.Column("message_seal", postgresql.BYTEA(), nullable=True), schema="handlers")
    create_index("log_at", "log", ["at"], unique=False, schema="handlers", postgresql_using="brin")


def downgrade() -> None:
    """Back."""
    op.drop_index("log_at", table_name="log", schema="handlers", postgresql_using="brin")
    op.drop_column("case", "message_seal", schema="handlers")
    op.drop_column("case", "log_seal", schema="handlers")
