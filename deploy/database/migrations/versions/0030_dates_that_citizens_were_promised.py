"""Dates that citizens were promised: what became of each, and their clocks for supervisors."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0030"
down_revision: str | Sequence[str] | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. Nothing was promised before: there is nothing to fill in."""
    op.create_table(
        "promise",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publishable", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "number"),
        schema="intake",
    )
    op.create_index(
        "promise_until",
        "promise",
        [
            sa.literal_column("until DESC"),
            sa.literal_column("case_id DESC"),
            sa.literal_column("number DESC"),
        ],
        schema="intake",
    )
    create_index(
        "clock_promise",
        "clock",
        ["due_at", "case_id"],
        schema="sla",
        postgresql_where=sa.text("clock = 'promise'"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_index(
        "clock_promise", table_name="clock", schema="sla", postgresql_where=sa.text("clock = 'promise'")
    )
    op.drop_index("promise_until", table_name="promise", schema="intake")
    op.drop_table("promise", schema="intake")
