"""Who changed which staff account: a table that only grows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0093"
down_revision: str | Sequence[str] | None = "0092"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Refuses every change of what was done to accounts but an added row.
_APPEND_ONLY: tuple[str, ...] = (
    """CREATE OR REPLACE FUNCTION deploy.refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'deploy.account_change is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER account_change_is_append_only BEFORE UPDATE OR DELETE ON deploy.account_change
    FOR EACH ROW EXECUTE FUNCTION deploy.refuse_account_change()""",
    """CREATE OR REPLACE TRIGGER account_change_is_not_truncated BEFORE TRUNCATE ON deploy.account_change
    FOR EACH STATEMENT EXECUTE FUNCTION deploy.refuse_account_change()""",
)


def upgrade() -> None:
    """To this release's schema; the release before goes on without it, and logs no change of an account."""
    op.create_table(
        "account_change",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        schema="deploy",
    )
    for statement in _APPEND_ONLY:
        op.execute(statement)


def downgrade() -> None:
    """Back: who changed an account is in no row."""
    op.drop_table("account_change", schema="deploy")
    op.execute("DROP FUNCTION deploy.refuse_account_change()")
