"""What people did to the city by commands of which no other log tells who did it: sealed rows, which only grow."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0107"
down_revision: str | Sequence[str] | None = "0106"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_APPEND_ONLY = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_operator_deed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.operator_deed is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER operator_deed_is_append_only BEFORE UPDATE OR DELETE ON deploy.operator_deed
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_operator_deed()""",
    """CREATE OR REPLACE TRIGGER operator_deed_is_not_truncated BEFORE TRUNCATE ON deploy.operator_deed
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_operator_deed()""",
)


def upgrade() -> None:
    """To this release's schema; the release before keeps no such rows."""
    op.create_table(
        "operator_deed",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        schema="deploy",
    )
    op.execute("ALTER TABLE deploy.operator_deed ALTER about SET STATISTICS 0")
    for statement in _APPEND_ONLY:
        op.execute(statement)


def downgrade() -> None:
    """Back: who did what is in no row."""
    op.drop_table("operator_deed", schema="deploy")
    op.execute("DROP FUNCTION deploy.refuse_operator_deed()")
