"""What dispatchers tell citizens themselves, and every text of an entry, is sealed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0057"
down_revision: str | Sequence[str] | None = "0056"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. What was told and written before has no seal, and says since when others have."""
    op.create_table(
        "sealed_since",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("what"),
        schema="deploy",
    )
    op.execute("INSERT INTO deploy.sealed_since (what, at) VALUES ('told', now()), ('entries', now())")
    op.create_table(
        "told",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "version", "what"),
        schema="routing",
    )
    op.add_column("entry_log", sa.Column("seal", postgresql.BYTEA(), nullable=True), schema="handlers")


def downgrade() -> None:
    """Back."""
    op.drop_column("entry_log", "seal", schema="handlers")
    op.drop_table("told", schema="routing")
    op.drop_table("sealed_since", schema="deploy")
