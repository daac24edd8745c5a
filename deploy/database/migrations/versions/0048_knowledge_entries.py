"""Knowledge entries: what departments write once for everybody, with every text that they had, and the public's copy."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0048"
down_revision: str | Sequence[str] | None = "0047"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: As the tables declare them.
_APPEND_ONLY = (
    """CREATE OR REPLACE FUNCTION handlers.refuse_entry_log_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'handlers.entry_log is append-only'; END $$""",
    """CREATE OR REPLACE TRIGGER entry_log_is_append_only BEFORE UPDATE OR DELETE ON handlers.entry_log
    FOR EACH ROW EXECUTE FUNCTION handlers.refuse_entry_log_change()""",
    """CREATE OR REPLACE TRIGGER entry_log_is_not_truncated BEFORE TRUNCATE ON handlers.entry_log
    FOR EACH STATEMENT EXECUTE FUNCTION handlers.refuse_entry_log_change()""",
)


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "contradiction",
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("other", sa.UUID(), nullable=False),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version", "other"),
        schema="handlers",
    )
    op.create_index("contradiction_other", "contradiction", ["other"], unique=False, schema="handlers")
    op.create_index(
        "contradiction_waiting",
        "contradiction",
        ["found_at"],
        unique=False,
        schema="handlers",
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "entry",
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_from", postgresql.ARRAY(sa.UUID()), nullable=False),
        sa.Column("published", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("pairs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
        schema="handlers",
    )
    op.create_index(
        "entry_by_owner", "entry", ["owner", "changed_at", "entry_id"], unique=False, schema="handlers"
    )
    op.create_index(
        "entry_by_state", "entry", ["state", "changed_at", "entry_id"], unique=False, schema="handlers"
    )
    op.create_index(
        "entry_ends",
        "entry",
        ["holds_until"],
        unique=False,
        schema="handlers",
        postgresql_where=sa.text("holds_until IS NOT NULL"),
    )
    op.create_index(
        "entry_pairs", "entry", ["pairs"], unique=False, schema="handlers", postgresql_using="gin"
    )
    op.create_table(
        "entry_log",
        sa.Column("entry_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "version"),
        schema="handlers",
    )
    for statement in _APPEND_ONLY:
        op.execute(statement)
    op.create_table(
        "entry",
        sa.Column("entry_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("holds_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
        schema="intake",
    )
    op.create_index(
        "entry_newest",
        "entry",
        ["published_at", "entry_id"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        "entry_search", "entry", ["search"], unique=False, schema="intake", postgresql_using="gin"
    )


def downgrade() -> None:
    """Back."""
    op.drop_index("entry_search", table_name="entry", schema="intake", postgresql_using="gin")
    op.drop_index("entry_newest", table_name="entry", schema="intake", postgresql_where=sa.text("is_live"))
    op.drop_table("entry", schema="intake")
    op.drop_table("entry_log", schema="handlers")
    op.execute("DROP FUNCTION handlers.refuse_entry_log_change()")
    op.drop_index("entry_pairs", table_name="entry", schema="handlers", postgresql_using="gin")
    op.drop_index(
        "entry_ends",
        table_name="entry",
        schema="handlers",
        postgresql_where=sa.text("holds_until IS NOT NULL"),
    )
    op.drop_index("entry_by_state", table_name="entry", schema="handlers")
    op.drop_index("entry_by_owner", table_name="entry", schema="handlers")
    op.drop_table("entry", schema="handlers")
    op.drop_index(
        "contradiction_waiting",
        table_name="contradiction",
        schema="handlers",
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.drop_index("contradiction_other", table_name="contradiction", schema="handlers")
    op.drop_table("contradiction", schema="handlers")
