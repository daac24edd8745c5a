"""Accounts and tokens say whether a demo made them, so that a start without one finds them all."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("account", "token")


def upgrade() -> None:
    """To this release's schema. Earlier demos made accounts and tokens in one transaction, so in one instant."""
    for table in _TABLES:
        column: sa.Column[bool] = sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column(table, column, schema="deploy")
    op.execute(r"UPDATE deploy.token SET demo = true WHERE name LIKE 'demo-%'")
    op.execute(
        "UPDATE deploy.account SET demo = true"
        " WHERE created_at IN (SELECT created_at FROM deploy.token WHERE demo)"
    )


def downgrade() -> None:
    """Back."""
    for table in _TABLES:
        op.drop_column(table, "demo", schema="deploy")
