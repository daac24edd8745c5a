"""Call-backs of citizens; what was closed or happened on a day is found by blocks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.database.indexes import create_index

revision: str = "0061"
down_revision: str | Sequence[str] | None = "0060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "call_back",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drawn_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("leads", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("answered_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("until", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("why_not", sa.Text(), nullable=True),
        sa.Column("contacted", sa.Boolean(), nullable=True),
        sa.Column("solved", sa.Text(), nullable=True),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("redo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number"),
        schema="sla",
    )
    op.create_index(
        "call_back_one",
        "call_back",
        ["case_id"],
        unique=True,
        schema="sla",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "call_back_open",
        "call_back",
        ["drawn_at", "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "call_back_settled",
        "call_back",
        ["settled_at", "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state IN ('done', 'unreached')"),
    )
    op.create_table(
        "call_back_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("day"),
        schema="sla",
    )
    create_index("case_closed_at", "case", ["closed_at"], unique=False, schema="sla", postgresql_using="brin")
    create_index("deed_at", "deed", ["at"], unique=False, schema="sla", postgresql_using="brin")


def downgrade() -> None:
    """Back."""
    op.drop_index("deed_at", table_name="deed", schema="sla", postgresql_using="brin")
    op.drop_index("case_closed_at", table_name="case", schema="sla", postgresql_using="brin")
    op.drop_table("call_back_day", schema="sla")
    op.drop_index(
        "call_back_settled",
        table_name="call_back",
        schema="sla",
        postgresql_where=sa.text("state IN ('done', 'unreached')"),
    )
    op.drop_index(
        "call_back_open", table_name="call_back", schema="sla", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index(
        "call_back_one", table_name="call_back", schema="sla", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_table("call_back", schema="sla")
