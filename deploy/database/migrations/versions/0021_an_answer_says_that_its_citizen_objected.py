"""A published answer says that its citizen objected to it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("published", "withheld")


def upgrade() -> None:
    """To this release's schema; answers that were objected to are marked."""
    for table in _TABLES:
        column: sa.Column[bool] = sa.Column(
            "objected", sa.Boolean(), nullable=False, server_default=sa.false()
        )
        op.add_column(table, column, schema="intake")
        op.execute(
            f"UPDATE intake.{table} AS a SET objected = true FROM intake.view AS v"  # noqa: S608  our own names
            " WHERE v.case_id = a.case_id AND v.objected_at > a.replied_at"
        )


def downgrade() -> None:
    """Back."""
    for table in _TABLES:
        op.drop_column(table, "objected", schema="intake")
