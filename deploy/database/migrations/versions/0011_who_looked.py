"""Who looked at which case: a table that only grows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Refuses every change of the views but an added row.
APPEND_ONLY_VIEWS: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_view_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.case_view is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER case_view_is_append_only BEFORE UPDATE OR DELETE ON deploy.case_view
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_view_change()""",
    """CREATE OR REPLACE TRIGGER case_view_is_not_truncated BEFORE TRUNCATE ON deploy.case_view
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_view_change()""",
)


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "case_view",
        sa.Column("case_id", postgresql.UUID(as_uuid=False), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "id"),
        schema="deploy",
    )
    op.create_index(
        "case_view_opened",
        "case_view",
        ["case_id", "at"],
        unique=False,
        schema="deploy",
        postgresql_where=sa.text("NOT (fields <@ '{title,alert}'::text[])"),
    )
    for statement in APPEND_ONLY_VIEWS:
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    op.drop_index("case_view_opened", table_name="case_view", schema="deploy")
    op.drop_table("case_view", schema="deploy")
    op.execute("DROP FUNCTION deploy.refuse_view_change()")
