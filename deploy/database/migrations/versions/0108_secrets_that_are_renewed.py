"""The secret of a webhook can be renewed, and a test message sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0108"
down_revision: str | Sequence[str] | None = "0107"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLE = "notice_endpoint"


def upgrade() -> None:
    """To this release's schema. The release before signs under the first secret alone, which is told to be over later."""
    op.add_column(
        _TABLE, sa.Column("renewed", sa.SmallInteger(), server_default="0", nullable=False), schema="deploy"
    )
    for name in ("former_until", "test_asked_at", "tested_at"):
        op.add_column(_TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True), schema="deploy")
    op.add_column(
        _TABLE, sa.Column("test_failed", sa.Text(), server_default="", nullable=False), schema="deploy"
    )


def downgrade() -> None:
    """Back to the schema before."""
    for name in ("test_failed", "tested_at", "test_asked_at", "former_until", "renewed"):
        op.drop_column(_TABLE, name, schema="deploy")
