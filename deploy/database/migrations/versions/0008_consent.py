"""Silence about publication is a no: what was public without a citizen's yes is kept aside until they say it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEPT = "case_id, tracking_code, title, text, response, category, department, region, replied_at, search"


def upgrade() -> None:
    """To this release's schema. A yes of the form and the silence of the API were stored alike: all are asked anew."""
    op.add_column("view", sa.Column("may_publish", sa.Boolean(), nullable=True), schema="intake")
    op.create_table(
        "withheld",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("tracking_code", "title", "text", "response")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("category", "department")),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="intake",
    )
    op.execute(f"INSERT INTO intake.withheld ({_KEPT}) SELECT {_KEPT} FROM intake.published")  # noqa: S608  our own names
    op.execute("DELETE FROM intake.published")
    for schema in ("intake", "routing", "handlers"):
        op.execute(f"UPDATE {schema}.case SET publish = false WHERE publish")  # noqa: S608  our own names


def downgrade() -> None:
    """Back: what is kept aside stays out of sight, and is lost."""
    op.drop_table("withheld", schema="intake")
    op.drop_column("view", "may_publish", schema="intake")
