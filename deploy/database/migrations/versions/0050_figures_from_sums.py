"""Figures are read from sums of days and months; what they count is kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.database.indexes import create_index

revision: str = "0050"
down_revision: str | Sequence[str] | None = "0049"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "counted",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("holders", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("measures", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("amounts", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        schema="sla",
    )
    op.create_table(
        "deed",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("value", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        schema="sla",
    )
    op.create_index("deed_case", "deed", ["case_id", "seq"], unique=False, schema="sla")
    op.create_table(
        "tally",
        sa.Column("grouping", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("grouping", "period", "start", "key", "measure", "value"),
        schema="sla",
        postgresql_with={"fillfactor": "80"},
    )
    op.add_column(
        "case",
        sa.Column("leads", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="sla",
    )
    op.add_column(
        "case",
        sa.Column("settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="sla",
    )
    create_index(
        "case_unsettled",
        "case",
        ["received_at"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("NOT settled"),
    )


def downgrade() -> None:
    """Back: figures are read from all cases."""
    op.drop_index("case_unsettled", table_name="case", schema="sla", postgresql_where=sa.text("NOT settled"))
    op.drop_column("case", "settled", schema="sla")
    op.drop_column("case", "leads", schema="sla")
    op.drop_table("tally", schema="sla")
    op.drop_index("deed_case", table_name="deed", schema="sla")
    op.drop_table("deed", schema="sla")
    op.drop_table("counted", schema="sla")
