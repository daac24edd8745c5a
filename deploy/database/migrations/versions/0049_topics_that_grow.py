"""Topics that grow: which cases belong together, who wrote them so that people can be counted, what was warned of."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0049"
down_revision: str | Sequence[str] | None = "0048"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "topic",
        sa.Column("topic", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warned_people", sa.Integer(), server_default="0", nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("topic"),
        schema="routing",
    )
    op.create_index("topic_last_at", "topic", ["last_at"], unique=False, schema="routing")
    op.create_table(
        "topic_case",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id"),
        schema="routing",
    )
    op.create_index(
        "topic_case_at",
        "topic_case",
        ["at"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("topic IS NOT NULL"),
    )
    op.create_index("topic_case_seq", "topic_case", ["seq"], unique=True, schema="routing")
    op.create_index("topic_case_topic", "topic_case", ["topic", "at"], unique=False, schema="routing")
    op.add_column("sealed", sa.Column("author_index", sa.LargeBinary(), nullable=True), schema="intake")
    create_index("case_received_at", "case", ["received_at"], unique=False, schema="routing")


def downgrade() -> None:
    """Back: topics are forgotten."""
    op.drop_index("case_received_at", table_name="case", schema="routing")
    op.drop_column("sealed", "author_index", schema="intake")
    op.drop_index("topic_case_topic", table_name="topic_case", schema="routing")
    op.drop_index("topic_case_seq", table_name="topic_case", schema="routing")
    op.drop_index(
        "topic_case_at",
        table_name="topic_case",
        schema="routing",
        postgresql_where=sa.text("topic IS NOT NULL"),
    )
    op.drop_table("topic_case", schema="routing")
    op.drop_index("topic_last_at", table_name="topic", schema="routing")
    op.drop_table("topic", schema="routing")
