"""Published answers say which masker made them; the sweeper masks those of earlier ones anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | Sequence[str] | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("published", "withheld")


def upgrade() -> None:
    """To this release's schema."""
    for table in _TABLES:
        column: sa.Column[int] = sa.Column("masked", sa.SmallInteger(), nullable=False, server_default="0")
        op.add_column(table, column, schema="intake")


def downgrade() -> None:
    """Back."""
    for table in _TABLES:
        op.drop_column(table, "masked", schema="intake")
